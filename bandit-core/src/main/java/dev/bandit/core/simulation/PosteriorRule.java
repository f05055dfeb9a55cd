package dev.bandit.core.simulation;

import dev.bandit.core.posterior.BestArm;
import dev.bandit.core.posterior.ValueRemaining;
import java.util.OptionalInt;

/**
 * Stops when the posteriors are sure enough of the leader. None of the thresholds is a significance level: the more often one
 * looks, the more often they are passed by chance.
 *
 * @param probBest P(best) that the leader must reach, in [0, 1]; 0 asks for nothing
 * @param maxExpectedLoss the leader's expected loss must be below it, in [0, 1]; 1 asks for nothing
 * @param maxValueRemaining with probability 0.95 no arm may be better than the leader by more than this share, not negative; 0
 *     asks for nothing. Scott (2010) takes 0.01
 */
public record PosteriorRule(double probBest, double maxExpectedLoss, double maxValueRemaining) implements StopRule {
    private static final double CONFIDENCE = 0.95;

    /**
     * @throws IllegalArgumentException if a threshold is out of its range
     */
    public PosteriorRule {
        if (!(probBest >= 0 && probBest <= 1 && maxExpectedLoss >= 0 && maxExpectedLoss <= 1)) {
            throw new IllegalArgumentException(
                    "probBest and maxExpectedLoss must be in [0, 1], but are " + probBest + " and " + maxExpectedLoss);
        }
        if (!(maxValueRemaining >= 0 && maxValueRemaining < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "maxValueRemaining must be finite and not negative, but is " + maxValueRemaining);
        }
    }

    /** Whether the leader is probably enough the best. */
    public boolean sureOfLeader(double leaderProbBest) {
        return leaderProbBest >= probBest;
    }

    /** Whether little enough is lost by taking the leader, whose expected loss this is. */
    public boolean littleToLose(double leaderExpectedLoss) {
        return maxExpectedLoss == 1 || leaderExpectedLoss < maxExpectedLoss;
    }

    /** Whether no other arm may be much better than the leader; parameters of the posteriors by arm. */
    public boolean littleToGain(int leader, double[] alpha, double[] beta) {
        return maxValueRemaining == 0
                || ValueRemaining.probabilityAtMost(maxValueRemaining, leader, alpha, beta) >= CONFIDENCE;
    }

    @Override
    public OptionalInt verdict(Look look) {
        int leader = look.leader();
        boolean met = sureOfLeader(look.probBest()[leader])
                && (maxExpectedLoss == 1 || littleToLose(BestArm.expectedLosses(look.alpha(), look.beta())[leader]))
                && littleToGain(leader, look.alpha(), look.beta());
        return met ? OptionalInt.of(leader) : OptionalInt.empty();
    }
}
