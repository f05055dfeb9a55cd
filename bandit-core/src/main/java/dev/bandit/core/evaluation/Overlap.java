package dev.bandit.core.evaluation;

import dev.bandit.core.numeric.Require;

/**
 * Whether the rounds on record resemble what the target policy would do closely enough to say anything about it.
 *
 * <p>Three things refuse, in this order:
 * <ul>
 *   <li>fewer than {@value #LEAST_EFFECTIVE} effective rounds, {@code (sum w)^2 / sum w^2}: intervals miss too often below;
 *   <li>a mean weight further from 1 than {@value #STANDARD_ERRORS} standard errors and {@value #TOLERANCE}. It is 1 on average
 *       if every arm the target plays had a chance; below, the target plays arms that had none, or so little that none of
 *       their rounds is on record; above, the propensities on record are not those by which arms were chosen. Less than that
 *       shifts estimates by less than a few of their standard errors, and is not noticed;
 *   <li>more than {@value #MOST_UNTRIED} of the target's choices are arms that are not on record at all.
 * </ul>
 *
 * @param rounds how many there are
 * @param effectiveRounds as many rounds of the target policy itself would say as much; 0 if all weights are 0
 * @param maxWeight the largest weight; 0 without rounds
 * @param meanWeight 0 without rounds
 * @param untried share of the target policy's choices that were never made, in [0, 1]
 */
public record Overlap(
        long rounds, double effectiveRounds, double maxWeight, double meanWeight, double untried, Verdict verdict) {
    /** The answer, or why there is none. */
    public enum Verdict {
        SUFFICIENT,
        TOO_FEW_EFFECTIVE_ROUNDS,
        MEAN_WEIGHT_OFF,
        UNTRIED_ARMS
    }

    static final double LEAST_EFFECTIVE = 100;
    static final double STANDARD_ERRORS = 4;
    static final double TOLERANCE = 0.01;
    static final double MOST_UNTRIED = 0.05;

    /**
     * @param squares sum of the squared weights
     * @param variance of the mean weight
     */
    static Overlap of(long rounds, double sum, double squares, double maxWeight, double variance, double untried) {
        Require.unit("untried", untried);
        double effective = sum > 0 ? sum / squares * sum : 0;
        double mean = rounds == 0 ? 0 : sum / rounds;
        double gap = Math.abs(mean - 1);
        Verdict verdict;
        if (effective < LEAST_EFFECTIVE) {
            verdict = Verdict.TOO_FEW_EFFECTIVE_ROUNDS;
        } else if (gap > TOLERANCE && gap > STANDARD_ERRORS * Math.sqrt(variance)) {
            verdict = Verdict.MEAN_WEIGHT_OFF;
        } else {
            verdict = untried > MOST_UNTRIED ? Verdict.UNTRIED_ARMS : Verdict.SUFFICIENT;
        }
        return new Overlap(rounds, effective, maxWeight, mean, untried, verdict);
    }

    /** Whether the estimates may be believed. */
    public boolean isSufficient() {
        return verdict == Verdict.SUFFICIENT;
    }
}
