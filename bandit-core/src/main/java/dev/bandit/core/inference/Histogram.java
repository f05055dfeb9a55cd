package dev.bandit.core.inference;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Values counted at three significant digits: at most 1,800 numbers for each power of ten that occurs, however many values. A quantile is off by
 * at most half a unit of the third digit, 0.5 %. Not thread-safe.
 */
public final class Histogram {

    private final TreeMap<Double, Long> counts = new TreeMap<>();
    private long total;

    public Histogram() {}

    /** Goes on from there. */
    public Histogram(Map<Double, Long> counts) {
        counts.forEach((value, count) -> {
            this.counts.merge(value, Require.count("count of " + value, count), Long::sum);
            total += count;
        });
    }

    /**
     * @param value finite
     * @throws IllegalArgumentException if it is not
     */
    public void add(double value) {
        counts.merge(rounded(Require.finite("value", value)), 1L, Long::sum);
        total++;
    }

    static double rounded(double value) {
        if (value == 0) {
            return 0;
        }
        double exponent = Math.floor(Math.log10(Math.abs(value)));
        if (exponent < -300) {
            return 0;
        }
        // A power of ten below 1 is not exact, one above is: so that equal values get equal keys.
        double unit = Math.pow(10, Math.abs(exponent - 2));
        return exponent >= 2 ? Math.rint(value / unit) * unit : Math.rint(value * unit) / unit;
    }

    /** How many values. */
    public long total() {
        return total;
    }

    /** By value, ascending. */
    public Map<Double, Long> counts() {
        return new TreeMap<>(counts);
    }

    /**
     * The least value that at least that share of all do not exceed; undefined when there is none.
     *
     * @param share in [0, 1]
     */
    public OptionalDouble quantile(double share) {
        Require.unit("share", share);
        long needed = Math.max(1, (long) Math.ceil(share * total));
        long seen = 0;
        for (var count : counts.entrySet()) {
            seen += count.getValue();
            if (seen >= needed) {
                return OptionalDouble.of(count.getKey());
            }
        }
        return OptionalDouble.empty();
    }

    /** The same for a rank test. */
    public ValueCounts toValueCounts() {
        return new ValueCounts(
                counts.keySet().stream().mapToDouble(Double::doubleValue).toArray(),
                counts.values().stream().mapToLong(Long::longValue).toArray());
    }
}
