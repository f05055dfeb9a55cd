package dev.bandit.service.reward;

import dev.bandit.service.decision.DecisionId;
import org.jspecify.annotations.Nullable;

/** A reward that somebody reports, already checked. */
public sealed interface Reward extends Occurrence {

    /** In millionths, 0 to 1,000,000. */
    int micros();

    /** The name its sender gave it. */
    @Nullable
    String rewardId();

    /** The reward of a decision; the decision is what makes it count once. */
    record OfDecision(
            DecisionId decision, int micros, @Nullable String rewardId) implements Reward {}

    /**
     * A reward of an arm without a decision of ours; its own name is what makes it count once.
     *
     * @param unitId whose it is, if told
     */
    record OfArm(
            String experimentId, String armId, @Nullable String unitId, int micros, String rewardId)
            implements Reward {}

    /**
     * The nearest whole number of millionths.
     *
     * @param reward in [0, 1]
     */
    static int micros(double reward) {
        if (!(reward >= 0 && reward <= 1)) {
            throw new IllegalArgumentException("reward is " + reward + ", expected a number from 0 to 1");
        }
        return (int) Math.round(reward * 1e6);
    }
}
