/** From posteriors to arm probabilities to an arm. */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.policy;
