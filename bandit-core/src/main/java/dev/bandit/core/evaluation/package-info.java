/**
 * What another policy would have earned on decisions that are on record with their propensities: off-policy estimators with
 * their intervals, the reward model they need, when the records cannot answer, and replay of policies that learn. A number that
 * the records do not define is empty, never NaN.
 */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.evaluation;
