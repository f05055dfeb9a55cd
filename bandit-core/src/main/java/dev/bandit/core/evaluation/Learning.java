package dev.bandit.core.evaluation;

import dev.bandit.core.policy.Policy;

/**
 * How a policy learns while it is replayed. Everything is counted in its own decisions, the rounds that are accepted: most rounds on
 * record are not its own, and a delay counted in those would be next to none.
 *
 * @param policy what it is
 * @param floor least probability of every arm, from 0 to 1 over the number of arms
 * @param batch decisions between two updates of its posteriors, at least 1; probabilities are computed anew after each
 * @param delay decisions that are made before the reward of this one is known, not negative
 */
public record Learning(Policy policy, double floor, int batch, int delay) {
    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Learning {
        if (!(floor >= 0 && floor <= 1)) {
            throw new IllegalArgumentException("floor must be in [0, 1], but is " + floor);
        }
        if (batch < 1 || delay < 0) {
            throw new IllegalArgumentException(
                    "batch must be at least 1 and delay not negative, but they are " + batch + " and " + delay);
        }
    }

    /** Without a floor, and with every reward known before the next decision. */
    public static Learning atOnce(Policy policy) {
        return new Learning(policy, 0, 1, 0);
    }
}
