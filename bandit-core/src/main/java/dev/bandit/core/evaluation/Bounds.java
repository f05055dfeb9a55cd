package dev.bandit.core.evaluation;

import dev.bandit.core.numeric.Require;

/**
 * What is known of every round beforehand, whatever was observed.
 *
 * @param lowest reward, and prediction of a reward, finite
 * @param highest the same, at least {@code lowest}
 * @param weight the largest there can be, finite and above 0: for instance 1 over the floor of the policy that decided
 */
public record Bounds(double lowest, double highest, double weight) {
    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Bounds {
        Require.finite("lowest", lowest);
        Require.finite("highest", highest);
        if (highest < lowest) {
            throw new IllegalArgumentException(
                    "highest must be at least lowest, but is " + highest + " below " + lowest);
        }
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight must be finite and above 0, but is " + weight);
        }
    }
}
