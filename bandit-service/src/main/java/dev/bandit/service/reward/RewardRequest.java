package dev.bandit.service.reward;

import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.decision.InvalidDecisionId;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.problem.Text;
import org.jspecify.annotations.Nullable;

/** The reward of a decision, or, with a name of its own, of an arm: the JSON of {@code POST /reward} and of the rewards topic. */
public record RewardRequest(
        @Nullable String decisionId,
        @Nullable String experimentId,
        @Nullable String armId,
        @Nullable Double reward,
        @Nullable String rewardId) {

    private static final int MAX_NAME = 256;

    /** The same reward, by that name if it has none of its own. */
    public RewardRequest named(String name) {
        return rewardId == null ? new RewardRequest(decisionId, experimentId, armId, reward, name) : this;
    }

    /**
     * The reward, checked.
     *
     * @throws dev.bandit.service.problem.Problem 400, saying which field is wrong
     */
    public Reward toDomain(DecisionIds ids) {
        if (rewardId != null && !Text.printable(rewardId, MAX_NAME)) {
            throw new InvalidRequest(
                    "reward_id", "is not a name, expected 1 to " + MAX_NAME + " characters, no control characters");
        }
        double value = reward == null ? 1 : reward;
        if (!(value >= 0 && value <= 1)) {
            throw new InvalidRequest("reward", "is " + value + ", expected a number from 0 to 1");
        }
        int micros = Reward.micros(value);
        if (decisionId != null) {
            if (experimentId != null || armId != null) {
                throw new InvalidRequest(
                        experimentId != null ? "experiment_id" : "arm_id",
                        "stands beside decision_id, expected one or the other: a decision names its experiment and arm");
            }
            try {
                return new Reward.OfDecision(ids.decode(decisionId), micros, rewardId);
            } catch (InvalidDecisionId e) {
                throw RewardProblem.invalidDecisionId(String.valueOf(e.getMessage()));
            }
        }
        if (experimentId == null || armId == null || rewardId == null) {
            throw new InvalidRequest(
                    experimentId == null && armId == null && rewardId == null
                            ? "decision_id"
                            : experimentId == null ? "experiment_id" : armId == null ? "arm_id" : "reward_id",
                    "is missing, expected decision_id, or all of experiment_id, arm_id and reward_id");
        }
        if (!Experiment.isId(experimentId) || !Experiment.isId(armId)) {
            throw new InvalidRequest(
                    Experiment.isId(experimentId) ? "arm_id" : "experiment_id",
                    "is not an id, expected 1 to 128 of A-Z a-z 0-9 . _ -");
        }
        return new Reward.OfArm(experimentId, armId, null, micros, rewardId);
    }
}
