/** The scheduled copy of the posteriors for dashboards. */
@NullMarked
package dev.bandit.service.snapshot;

import org.jspecify.annotations.NullMarked;
