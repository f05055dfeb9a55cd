/** The common ground of all commands. */
@NullMarked
package dev.bandit.cli;

import org.jspecify.annotations.NullMarked;
