/** The command line: {@code serve}, and the calls to a running service that an operator makes by hand. */
@NullMarked
package dev.bandit.service.cli;

import org.jspecify.annotations.NullMarked;
