package dev.bandit.pipeline.ope;

import dev.bandit.core.evaluation.Bounds;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicyResult;

/**
 * What came of an evaluation.
 *
 * @param untried see {@link CellRewardModel#untried}
 * @param onPolicy the mean reward of the policy that decided; NaN without rounds
 * @param bounds of every round, by the smallest propensity on record
 */
public record OpeOutcome(OffPolicyResult result, double untried, double onPolicy, Bounds bounds) {}
