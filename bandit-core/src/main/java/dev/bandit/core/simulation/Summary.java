package dev.bandit.core.simulation;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * What many replications of one trial came to.
 *
 * @param runs how many there were
 * @param medianDecisions until the verdict in half of all runs; empty if fewer come to one
 * @param percentile90Decisions until the verdict in nine of ten runs; empty if fewer come to one
 * @param undecided share of runs without a verdict
 * @param wrong share of all runs that named an arm worse than the best
 * @param shipped share of all runs that named another arm than the control
 * @param meanRegretUntilVerdict see {@link Outcome#regretUntilVerdict}
 * @param meanRegret see {@link Outcome#regret}
 * @param regretStandardError of {@code meanRegret}, by which chance moves it
 */
public record Summary(
        int runs,
        OptionalLong medianDecisions,
        OptionalLong percentile90Decisions,
        double undecided,
        double wrong,
        double shipped,
        double meanRegretUntilVerdict,
        double meanRegret,
        double regretStandardError) {

    /**
     * @param arms that the outcomes are of
     * @param outcomes at least one
     * @throws IllegalArgumentException if there are no outcomes
     */
    public static Summary of(BernoulliArms arms, Outcome... outcomes) {
        int runs = outcomes.length;
        if (runs == 0) {
            throw new IllegalArgumentException("There must be at least one outcome");
        }
        long[] decisions = Arrays.stream(outcomes)
                .filter(outcome -> outcome.winner() != Outcome.NONE)
                .mapToLong(Outcome::decisions)
                .sorted()
                .toArray();
        double mean = Arrays.stream(outcomes).mapToDouble(Outcome::regret).sum() / runs;
        double squares = Arrays.stream(outcomes)
                .mapToDouble(outcome -> (outcome.regret() - mean) * (outcome.regret() - mean))
                .sum();
        long wrong = Arrays.stream(outcomes)
                .filter(outcome -> outcome.winner() != Outcome.NONE && arms.gap(outcome.winner()) > 0)
                .count();
        long shipped =
                Arrays.stream(outcomes).filter(outcome -> outcome.winner() > 0).count();
        return new Summary(
                runs,
                quantile(decisions, runs, 0.5),
                quantile(decisions, runs, 0.9),
                (runs - decisions.length) / (double) runs,
                wrong / (double) runs,
                shipped / (double) runs,
                Arrays.stream(outcomes).mapToDouble(Outcome::regretUntilVerdict).sum() / runs,
                mean,
                runs == 1 ? 0 : Math.sqrt(squares / (runs - 1) / runs));
    }

    /** Runs without a verdict count as longer than all others. */
    private static OptionalLong quantile(long[] sorted, int runs, double share) {
        int rank = (int) Math.ceil(share * runs) - 1;
        return rank < sorted.length ? OptionalLong.of(sorted[rank]) : OptionalLong.empty();
    }
}
