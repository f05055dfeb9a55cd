/** Sinks, each on the real thing. */
@NullMarked
package dev.bandit.service.sink;

import org.jspecify.annotations.NullMarked;
