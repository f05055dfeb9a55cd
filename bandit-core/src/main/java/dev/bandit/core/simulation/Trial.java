package dev.bandit.core.simulation;

import dev.bandit.core.policy.Policy;
import dev.bandit.core.posterior.BetaPosterior;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * An experiment to be simulated.
 *
 * @param arms the truth, which only the rewards tell
 * @param prior what is believed of every arm before the first reward
 * @param policy how arms share the decisions
 * @param floor least probability of every arm, in [0, 1 / arms]
 * @param rule when it is over
 * @param schedule when it learns and is looked at
 */
public record Trial(
        ChangingArms arms, BetaPosterior prior, Policy policy, double floor, StopRule rule, Schedule schedule) {
    /** Replications are gathered in as many pieces at most, whatever the number of threads. */
    private static final int MOST_PIECES = 1024;

    private static final int SMALLEST_PIECE = 16;

    /**
     * @throws IllegalArgumentException if the floor is out of its range
     */
    public Trial {
        if (!(floor >= 0 && floor * arms.count() <= 1)) {
            throw new IllegalArgumentException(
                    "floor times arms must be in [0, 1], but the floor is " + floor + " for " + arms.count() + " arms");
        }
    }

    /**
     * Rates that do not change, and posteriors that start from Beta(1, 1).
     *
     * @throws IllegalArgumentException if the floor is out of its range
     */
    public Trial(BernoulliArms arms, Policy policy, double floor, StopRule rule, Schedule schedule) {
        this(ChangingArms.of(arms), new BetaPosterior(1, 1), policy, floor, rule, schedule);
    }

    /**
     * Plays it many times, every time with a seed of its own, so that outcomes depend neither on the number of threads nor on
     * their order.
     *
     * @param parallel whether the common pool (or the pool of the calling thread) may be used
     * @return as many as there are replications, in order
     * @throws IllegalArgumentException if there are no replications
     */
    public Outcome[] play(int replications, long seed, boolean parallel) {
        long[] seeds = seeds(replications, seed);
        IntStream runs = IntStream.range(0, replications);
        return (parallel ? runs.parallel() : runs)
                .mapToObj(i -> new Run(this, seeds[i]).play())
                .toArray(Outcome[]::new);
    }

    /**
     * Plays the same, and tells what was lost on the way. Equal arguments give equal numbers to the last digit, whatever the
     * number of threads.
     *
     * @param decisions at which the regret is noted down: ascending, from 1 to the horizon, at least one
     * @throws IllegalArgumentException if there are no replications, or the moments are not that
     */
    public RegretCurve regret(int replications, long seed, boolean parallel, long... decisions) {
        if (decisions.length == 0 || decisions[0] < 1 || decisions[decisions.length - 1] > schedule.horizon()) {
            throw new IllegalArgumentException(
                    "decisions must be from 1 to the horizon, but are " + Arrays.toString(decisions));
        }
        for (int i = 1; i < decisions.length; i++) {
            if (decisions[i] <= decisions[i - 1]) {
                throw new IllegalArgumentException(
                        "decisions must ascend, but " + decisions[i] + " follows " + decisions[i - 1]);
            }
        }
        long[] seeds = seeds(replications, seed);
        int piece = Math.max(SMALLEST_PIECE, Math.ceilDiv(replications, MOST_PIECES));
        IntStream pieces = IntStream.range(0, Math.ceilDiv(replications, piece));
        // Sums depend on their order in the last digit: pieces are of a fixed size, and merged in their order.
        RegretCurve.Accumulator all = new RegretCurve.Accumulator(decisions);
        (parallel ? pieces.parallel() : pieces)
                .mapToObj(i -> gather(decisions, seeds, i * piece, Math.min(replications, (i + 1) * piece)))
                .forEachOrdered(all::merge);
        return all.curve();
    }

    private RegretCurve.Accumulator gather(long[] decisions, long[] seeds, int from, int to) {
        RegretCurve.Accumulator gathered = new RegretCurve.Accumulator(decisions);
        for (int i = from; i < to; i++) {
            Run run = new Run(this, seeds[i], decisions);
            run.play();
            gathered.add(run);
        }
        return gathered;
    }

    private static long[] seeds(int replications, long seed) {
        if (replications < 1) {
            throw new IllegalArgumentException("replications must be at least 1, but are " + replications);
        }
        return new SplittableRandom(seed).longs(replications).toArray();
    }
}
