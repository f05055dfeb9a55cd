/** Policies by the names they have everywhere, and those that logs are asked about: how probable each arm would have been at each place. */
@NullMarked
package dev.bandit.pipeline.policy;

import org.jspecify.annotations.NullMarked;
