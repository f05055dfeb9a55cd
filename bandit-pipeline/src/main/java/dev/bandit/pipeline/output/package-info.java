/** Files that appear whole, or not at all. */
@NullMarked
package dev.bandit.pipeline.output;

import org.jspecify.annotations.NullMarked;
