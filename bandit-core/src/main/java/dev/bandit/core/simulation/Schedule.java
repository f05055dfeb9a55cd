package dev.bandit.core.simulation;

import java.util.Arrays;

/**
 * When a simulated experiment learns and when it is looked at, in decisions since its start. The decisions of one step share
 * their propensities; at its end, rewards that are due arrive, and if it is a look the rule is asked.
 *
 * <p>A policy that renews its propensities at once is simulated by steps of at most {@value #GROWTH} of the decisions so far:
 * posteriors hardly move within them, and a run of a thousand million decisions has less than a thousand of them.
 */
public final class Schedule {
    /** How much a step adds to what went before. */
    public static final double GROWTH = 0.02;

    private static final int MOST_STEPS = 1_000_000;

    private final long[] ends;
    private final boolean[] looks;
    private final long refresh;
    private final long delay;
    private final long horizon;

    private Schedule(long[] ends, boolean[] looks, long refresh, long delay, long horizon) {
        this.ends = ends;
        this.looks = looks;
        this.refresh = refresh;
        this.delay = delay;
        this.horizon = horizon;
    }

    /**
     * Looked at again and again.
     *
     * @param horizon decisions after which the experiment ends without a verdict, at least 1
     * @param lookEvery decisions between looks, at least 1; rounded up to a multiple of {@code refresh}
     * @param refresh decisions between renewals of the propensities; 0: at once. What is small is taken together as there
     * @param delay decisions that are made before the reward of this one is known, not negative; rounded up to whole steps
     * @throws IllegalArgumentException if a value is out of its range or there would be more than a million steps
     */
    public static Schedule of(long horizon, long lookEvery, long refresh, long delay) {
        if (horizon < 1 || lookEvery < 1 || refresh < 0 || delay < 0) {
            throw new IllegalArgumentException(
                    "horizon and lookEvery must be at least 1, refresh and delay not negative," + " but they are "
                            + horizon + ", " + lookEvery + ", " + refresh + " and " + delay);
        }
        long every = refresh == 0 ? lookEvery : Math.ceilDiv(lookEvery, refresh) * refresh;
        long[] ends = new long[64];
        boolean[] looks = new boolean[64];
        int size = 0;
        for (long at = 0; at < horizon; size++) {
            if (size == MOST_STEPS) {
                throw new IllegalArgumentException("A schedule may have " + MOST_STEPS + " steps, but this has more");
            }
            if (size == ends.length) {
                ends = Arrays.copyOf(ends, 2 * size);
                looks = Arrays.copyOf(looks, 2 * size);
            }
            long nextLook = (at / every + 1) * every;
            at = Math.min(Math.min(at + length(at, refresh), nextLook), horizon);
            ends[size] = at;
            looks[size] = at == nextLook || at == horizon;
        }
        return new Schedule(Arrays.copyOf(ends, size), Arrays.copyOf(looks, size), refresh, delay, horizon);
    }

    /**
     * Looked at once, when the rewards of the first {@code sample} decisions are known. There is no look if that is after the
     * horizon. For policies that do not learn.
     *
     * @throws IllegalArgumentException if the sample or the horizon is below 1, or the delay is negative
     */
    public static Schedule once(long sample, long horizon, long delay) {
        if (sample < 1 || horizon < 1 || delay < 0) {
            throw new IllegalArgumentException(
                    "sample and horizon must be at least 1 and delay not negative, but they are " + sample + ", "
                            + horizon + " and " + delay);
        }
        long look = sample + delay;
        if (look > horizon) {
            return new Schedule(new long[] {horizon}, new boolean[] {false}, 0, delay, horizon);
        }
        return delay == 0
                ? new Schedule(new long[] {look}, new boolean[] {true}, 0, 0, horizon)
                : new Schedule(new long[] {sample, look}, new boolean[] {false, true}, 0, delay, horizon);
    }

    /** How long a step is that begins after so many decisions. */
    private static long length(long at, long refresh) {
        long unit = Math.max(1, refresh);
        return Math.max(1, (long) (at * GROWTH) / unit) * unit;
    }

    /** How long the propensities are kept that were renewed after so many decisions. */
    long length(long renewed) {
        return length(renewed, refresh);
    }

    /** How many steps there are. */
    public int steps() {
        return ends.length;
    }

    /** Decisions after which the experiment is over, verdict or not. */
    public long horizon() {
        return horizon;
    }

    long delay() {
        return delay;
    }

    long end(int step) {
        return ends[step];
    }

    boolean isLook(int step) {
        return looks[step];
    }
}
