/** The mathematics of adaptive experiments: no Spring, no I/O, no clock, no static randomness. */
@org.jspecify.annotations.NullMarked
package dev.bandit.core;
