/**
 * Experiments that have not happened yet: an environment, a policy, a rule that ends them and a schedule, played many times. All
 * randomness comes from a seed; time is counted in decisions.
 */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.simulation;
