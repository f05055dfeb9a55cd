package dev.bandit.core.simulation;

/**
 * How one simulated experiment ended.
 *
 * @param winner the arm that was named, {@link #NONE} if the horizon came first
 * @param decisions made until then
 * @param regretUntilVerdict successes lost until then against always playing the best arm, expected given the propensities
 * @param regret the same until the horizon, the winner getting all decisions after the verdict
 */
public record Outcome(int winner, long decisions, double regretUntilVerdict, double regret) {
    /** No arm. */
    public static final int NONE = -1;
}
