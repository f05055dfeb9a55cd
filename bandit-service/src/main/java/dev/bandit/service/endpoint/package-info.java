/** How a feature declares an endpoint that is served without Spring MVC. */
@NullMarked
package dev.bandit.service.endpoint;

import org.jspecify.annotations.NullMarked;
