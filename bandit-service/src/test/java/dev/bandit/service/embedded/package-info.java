/** The embedded servers, for real. */
@NullMarked
package dev.bandit.service.embedded;

import org.jspecify.annotations.NullMarked;
