/** What a person sees when the service cannot start. */
@NullMarked
package dev.bandit.service.startup;

import org.jspecify.annotations.NullMarked;
