package dev.bandit.core.simulation;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The world over time: rates that hold until the next change, at moments that do not depend on what is decided. The best arm is
 * the one of the moment. Immutable.
 */
public final class ChangingArms {
    /** The moments at which a phase begins, the first 0, and what holds from there on. */
    private final long[] starts;

    private final List<BernoulliArms> phases;

    private ChangingArms(NavigableMap<Long, BernoulliArms> phases) {
        starts = phases.keySet().stream().mapToLong(Long::longValue).toArray();
        this.phases = List.copyOf(phases.values());
    }

    /** Rates that never change. */
    public static ChangingArms of(BernoulliArms arms) {
        return new ChangingArms(new TreeMap<>(Map.of(0L, arms)));
    }

    /**
     * The same until {@code decisions} have been made, and other rates from there on.
     *
     * @param decisions above the moment of the last change, at least 1
     * @param arms as many as before
     * @throws IllegalArgumentException if it is not after the last change, or there are more or fewer arms
     */
    public ChangingArms then(long decisions, BernoulliArms arms) {
        long last = starts[starts.length - 1];
        if (decisions <= last) {
            throw new IllegalArgumentException(
                    "A change must come after the one before at " + last + ", but is at " + decisions);
        }
        if (arms.count() != count()) {
            throw new IllegalArgumentException("There must be " + count() + " arms, but there are " + arms.count());
        }
        NavigableMap<Long, BernoulliArms> all = new TreeMap<>();
        for (int i = 0; i < starts.length; i++) {
            all.put(starts[i], phases.get(i));
        }
        all.put(decisions, arms);
        return new ChangingArms(all);
    }

    /** How many arms there are, at least 1. */
    public int count() {
        return phases.getFirst().count();
    }

    /** Whether the rates are ever others than in the beginning. */
    public boolean change() {
        return phases.size() > 1;
    }

    /**
     * What holds for the next decision.
     *
     * @param decisions made so far, not negative
     */
    public BernoulliArms after(long decisions) {
        return phases.get(phase(decisions));
    }

    /** How many decisions will have been made at the next change; the largest long if there is none. */
    long nextChange(long decisions) {
        int next = phase(decisions) + 1;
        return next < starts.length ? starts[next] : Long.MAX_VALUE;
    }

    private int phase(long decisions) {
        int found = Arrays.binarySearch(starts, decisions);
        return found >= 0 ? found : -found - 2;
    }
}
