/**
 * What may be concluded from an experiment: classic tests, power, sample-ratio mismatch, guardrails, and what stays valid under
 * adaptive allocation. A number that the data do not define is an empty {@code Optional}, never NaN.
 */
@org.jspecify.annotations.NullMarked
package dev.bandit.core.inference;
