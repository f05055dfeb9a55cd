package dev.bandit.service.testing;

/** Counts of durations in nanoseconds, each exact to one part in 128. Not safe for threads. */
public final class LatencyHistogram {

    private static final int BITS = 7;
    private static final int STEPS = 1 << BITS;

    /** Below STEPS a bucket a value; from there on, STEPS buckets for each power of two. */
    private final long[] counts = new long[(64 - BITS) * STEPS];

    private long count;
    private long max;

    /** Counts a duration; a negative one as 0. */
    public void add(long nanos) {
        long value = Math.max(0, nanos);
        counts[bucket(value)]++;
        count++;
        max = Math.max(max, value);
    }

    /** Counts everything that the other has counted. */
    public void add(LatencyHistogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        max = Math.max(max, other.max);
    }

    /** How many were counted. */
    public long count() {
        return count;
    }

    /** The longest, in nanoseconds; 0 if there is none. */
    public long max() {
        return max;
    }

    /**
     * Nanoseconds that a share {@code q}, in (0, 1], of the durations did not exceed; 0 if nothing was counted. At most
     * one part in 128 too high, never too low.
     */
    public long quantile(double q) {
        if (!(q > 0 && q <= 1)) {
            throw new IllegalArgumentException("q is " + q + ", expected a number in (0, 1]");
        }
        long rank = (long) Math.ceil(q * count);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= rank && seen > 0) {
                return Math.min(max, highest(i));
            }
        }
        return max;
    }

    private static int bucket(long value) {
        int shift = Math.max(0, 63 - BITS - Long.numberOfLeadingZeros(value));
        return shift * STEPS + (int) (value >>> shift);
    }

    private static long highest(int bucket) {
        int shift = Math.max(0, bucket / STEPS - 1);
        long step = bucket - (long) shift * STEPS;
        return ((step + 1) << shift) - 1;
    }
}
