/** What the arms have taught so far: reading, fencing, rebuilding and serving the posteriors. */
@NullMarked
package dev.bandit.service.posterior;

import org.jspecify.annotations.NullMarked;
