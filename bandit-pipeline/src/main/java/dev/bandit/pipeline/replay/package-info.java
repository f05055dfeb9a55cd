/** Policies that learn, replayed on the log of another one. */
@NullMarked
package dev.bandit.pipeline.replay;

import org.jspecify.annotations.NullMarked;
