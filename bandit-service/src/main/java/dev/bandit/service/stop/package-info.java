/** Ends experiments by themselves: the stopping rule, and the breaker that guards the latency. */
@NullMarked
package dev.bandit.service.stop;

import org.jspecify.annotations.NullMarked;
