/** Benchmarks of the mathematics, compiled with {@code -Pbench} and run by {@code bench/core-math.sh}. */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.bench;
