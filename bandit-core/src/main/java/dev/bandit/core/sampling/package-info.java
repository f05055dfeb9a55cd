/** Beta and categorical samplers over a random generator that the caller passes in. */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.sampling;
