package dev.bandit.core.policy;

/**
 * How arms share the traffic. A policy yields the exact probability of every arm; whoever decides draws the arm from it, so
 * that the logged propensity is the truth.
 */
public sealed interface Policy permits Thompson, TopTwoThompson, FixedSplit, EpsilonGreedy {
    /**
     * The probability of each arm, in the order of {@code arms}; a floor is the caller's to add
     * ({@link ArmDistribution#withFloor}).
     *
     * @throws ArithmeticException if the probabilities cannot be had to the promised accuracy
     */
    ArmDistribution distribution(Arms arms);
}
