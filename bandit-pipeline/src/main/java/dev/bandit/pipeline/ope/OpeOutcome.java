package dev.bandit.pipeline.ope;

import dev.bandit.core.evaluation.Bounds;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicyEvaluation;
import dev.bandit.core.evaluation.OffPolicyResult;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.util.Arrays;

/**
 * What came of an evaluation.
 *
 * @param untried see {@link CellRewardModel#untried}
 * @param onPolicy the mean reward of the policy that decided; NaN without rounds
 * @param bounds of every round, by the smallest propensity on record
 */
public record OpeOutcome(OffPolicyResult result, double untried, double onPolicy, Bounds bounds) {

    /**
     * @param model that has learned from all rounds
     * @param onPolicy the mean reward of the policy that decided
     * @param least the smallest propensity on record
     */
    static OpeOutcome of(
            OffPolicyEvaluation evaluation, CellRewardModel model, TargetPolicy target, double onPolicy, double least) {
        double most = Arrays.stream(target.probabilities())
                .flatMapToDouble(Arrays::stream)
                .max()
                .orElse(1);
        return new OpeOutcome(
                evaluation.result(), model.untried(target.probabilities()), onPolicy, new Bounds(0, 1, most / least));
    }
}
