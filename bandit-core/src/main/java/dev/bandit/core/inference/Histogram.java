package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Values counted at three significant digits: at most 1,800 numbers for each power of ten that occurs, however many values. A
 * quantile is off by at most half a unit of the third digit, 0.5 %. Values closer to 0 than 1e-300 count as 0. Not
 * thread-safe.
 */
public final class Histogram {
    private static final int LEAST_EXPONENT = -300;

    private final TreeMap<Double, Long> counts = new TreeMap<>();
    private long total;

    public Histogram() {}

    /**
     * Goes on from there.
     *
     * @throws IllegalArgumentException if a value is not finite or its count negative
     */
    public Histogram(Map<Double, Long> counts) {
        counts.forEach((value, count) -> {
            double key = rounded(Require.finite("value", value));
            this.counts.merge(key, Require.count("count of " + value, count), Math::addExact);
            total = Math.addExact(total, count);
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

    /** To three digits, ties to even. What was rounded stays as it is. */
    static double rounded(double value) {
        if (value == 0) {
            return 0;
        }
        int exponent = (int) Math.floor(Math.log10(Math.abs(value)));
        if (exponent < LEAST_EXPONENT) {
            return 0;
        }
        // A power of ten below 1 is not exact, one above is up to 1e22: so that keys are the decimals that they stand
        // for.
        double unit = Math.pow(10, Math.abs(exponent - 2));
        double digits = Math.rint(exponent >= 2 ? value / unit : value * unit);
        if (Math.abs(digits) == 1000) {
            // Written as 100 of the next unit: beyond 1e22 the two products differ in their last bit.
            digits /= 10;
            exponent++;
            unit = Math.pow(10, Math.abs(exponent - 2));
        }
        double key = exponent >= 2 ? digits * unit : digits / unit;
        return Math.clamp(key, -Double.MAX_VALUE, Double.MAX_VALUE);
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
        // 0.07 of 100 is 7, although the product is just above.
        long needed = Math.max(1, (long) Math.ceil(share * total * (1 - 1e-15)));
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
