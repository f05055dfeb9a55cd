package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Arrays;

/**
 * A sample as a histogram: how often each value occurred. The arrays are kept, not copied, and must not change afterwards.
 *
 * @param values strictly ascending, not NaN
 * @param counts as many, not negative
 */
public record ValueCounts(double[] values, long[] counts) {
    /**
     * @throws IllegalArgumentException if the lengths differ, values do not ascend, or a count is negative
     */
    public ValueCounts {
        if (values.length != counts.length) {
            throw new IllegalArgumentException(
                    "There must be a count for every value, but there are " + counts.length + " for " + values.length);
        }
        for (int i = 0; i < values.length; i++) {
            Require.count("counts[" + i + "]", counts[i]);
            if (Double.isNaN(values[i]) || (i > 0 && !(values[i - 1] < values[i]))) {
                throw new IllegalArgumentException("values must ascend, but values[" + i + "] is " + values[i]);
            }
        }
    }

    /**
     * @param sample in any order
     * @throws IllegalArgumentException if a value is NaN
     */
    public static ValueCounts of(double... sample) {
        double[] sorted = sample.clone();
        // Adding 0 makes the two zeros one.
        Arrays.setAll(sorted, i -> sorted[i] + 0.0);
        Arrays.sort(sorted);
        double[] values = new double[sorted.length];
        long[] counts = new long[sorted.length];
        int distinct = 0;
        for (double value : sorted) {
            if (distinct == 0 || values[distinct - 1] != value) {
                values[distinct++] = value;
            }
            counts[distinct - 1]++;
        }
        return new ValueCounts(Arrays.copyOf(values, distinct), Arrays.copyOf(counts, distinct));
    }

    /** How many observations there are. */
    public long total() {
        return Arrays.stream(counts).reduce(0, Math::addExact);
    }

    /** Both samples together. */
    public ValueCounts merge(ValueCounts other) {
        double[] merged = new double[values.length + other.values.length];
        long[] sums = new long[merged.length];
        int size = 0;
        for (int i = 0, j = 0; i < values.length || j < other.values.length; size++) {
            boolean here = j == other.values.length || (i < values.length && values[i] <= other.values[j]);
            boolean there = i == values.length || (j < other.values.length && other.values[j] <= values[i]);
            merged[size] = here ? values[i] : other.values[j];
            sums[size] = Math.addExact(here ? counts[i++] : 0, there ? other.counts[j++] : 0);
        }
        return new ValueCounts(Arrays.copyOf(merged, size), Arrays.copyOf(sums, size));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ValueCounts that
                && Arrays.equals(values, that.values)
                && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(values) + Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return "ValueCounts[values=" + Arrays.toString(values) + ", counts=" + Arrays.toString(counts) + "]";
    }
}
