package dev.bandit.pipeline.replay;

import dev.bandit.core.evaluation.Learning;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.pipeline.policy.PolicyName;

/**
 * What is replayed, and how often.
 *
 * @param policy which one
 * @param epsilon of epsilon_greedy, in [0, 1]
 * @param floor least probability of every arm, from 0 to 1 over the number of arms
 * @param batch decisions between two updates of the posteriors, at least 1
 * @param delay decisions made before the reward of one is known, not negative
 * @param prior of every arm
 * @param seeds how many runs, at least 1
 * @param seed from which each of them gets its own
 */
public record ReplaySettings(
        PolicyName policy,
        double epsilon,
        double floor,
        int batch,
        int delay,
        BetaPosterior prior,
        int seeds,
        long seed) {

    Learning learning() {
        return new Learning(policy.policy(epsilon), floor, batch, delay);
    }
}
