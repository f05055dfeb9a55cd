/** The commands: what they are given, and what they print. */
@NullMarked
package dev.bandit.pipeline.cli;

import org.jspecify.annotations.NullMarked;
