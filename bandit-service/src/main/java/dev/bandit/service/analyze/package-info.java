/** Reads posterior snapshots back and says what they mean: the offline look at an experiment. */
@NullMarked
package dev.bandit.service.analyze;

import org.jspecify.annotations.NullMarked;
