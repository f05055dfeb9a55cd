/** Whether an experiment is over, by the posterior-probability rule. */
@NullMarked
package dev.bandit.pipeline.conclude;

import org.jspecify.annotations.NullMarked;
