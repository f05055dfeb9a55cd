/** What Dagster is told by a command that it has started. */
@NullMarked
package dev.bandit.pipeline.pipes;

import org.jspecify.annotations.NullMarked;
