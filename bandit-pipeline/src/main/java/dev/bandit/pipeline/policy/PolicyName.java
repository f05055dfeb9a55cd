package dev.bandit.pipeline.policy;

import dev.bandit.core.policy.EpsilonGreedy;
import dev.bandit.core.policy.FixedSplit;
import dev.bandit.core.policy.Policy;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.policy.TopTwoThompson;

/** The policies by the names they have everywhere. */
public enum PolicyName {
    thompson,
    top_two,
    epsilon_greedy,
    fixed;

    /**
     * @param epsilon for {@link #epsilon_greedy}, in [0, 1]
     */
    public Policy policy(double epsilon) {
        return switch (this) {
            case thompson -> new Thompson();
            case top_two -> new TopTwoThompson();
            case epsilon_greedy -> new EpsilonGreedy(epsilon);
            case fixed -> new FixedSplit();
        };
    }
}
