/** Benchmarks of the service beside their ceilings; {@code bench/service.sh} runs them, the build does not. */
@NullMarked
package dev.bandit.bench;

import org.jspecify.annotations.NullMarked;
