package dev.bandit.core.numeric;

import java.math.BigDecimal;

/**
 * Sums that lose nothing to rounding until they are read (A. Neumaier, <i>Rundungsfehleranalyse einiger Verfahren zur Summation
 * endlicher Summen</i>, 1974), so that neither the order nor the partition of the terms matters. Not thread-safe.
 */
public final class CompensatedSums {
    /** Each sum, and behind it what rounding took from it: together, as they are always needed together. */
    private final double[] parts;

    /** So many sums, all 0. */
    public CompensatedSums(int size) {
        parts = new double[Math.multiplyExact(2, size)];
    }

    /**
     * Goes on from {@link #state}.
     *
     * @throws IllegalArgumentException if the length is odd or a value is not finite
     */
    public static CompensatedSums of(double[] state) {
        if (state.length % 2 != 0) {
            throw new IllegalArgumentException("A state has two numbers for each sum, but this has " + state.length);
        }
        for (double value : state) {
            Require.finite("A sum", value);
        }
        CompensatedSums sums = new CompensatedSums(state.length / 2);
        System.arraycopy(state, 0, sums.parts, 0, state.length);
        return sums;
    }

    /** All that they know: twice as many numbers as there are sums. */
    public double[] state() {
        return parts.clone();
    }

    /** How many there are. */
    public int size() {
        return parts.length / 2;
    }

    public void add(int index, double term) {
        add(index, term, 0);
    }

    /** @param rest what rounding took from the term */
    private void add(int index, double term, double rest) {
        double before = parts[2 * index];
        double after = before + term;
        // Knuth's way to what the addition loses, without a branch that nothing could predict.
        double taken = after - before;
        parts[2 * index] = after;
        parts[2 * index + 1] += before - (after - taken) + (term - taken) + rest;
    }

    /** Adds {@code x y}, with what the product loses to rounding. */
    public void addProduct(int index, double x, double y) {
        double product = x * y;
        add(index, product, Math.fma(x, y, -product));
    }

    /** Adds {@code count x y} in the same way. */
    public void addProduct(int index, double count, double x, double y) {
        double product = x * y;
        double all = count * product;
        add(index, all, Math.fma(count, product, -all) + count * Math.fma(x, y, -product));
    }

    /** Adds one of the other sums. */
    public void add(int index, CompensatedSums other, int from) {
        add(index, other.parts[2 * from]);
        add(index, other.parts[2 * from + 1]);
    }

    /** Adds one of the other sums times {@code x y}, with all its digits. */
    public void addProduct(int index, CompensatedSums other, int from, double x, double y) {
        addProduct(index, other.parts[2 * from], x, y);
        addProduct(index, other.parts[2 * from + 1], x, y);
    }

    /**
     * Adds the other sums to these, one by one.
     *
     * @throws IllegalArgumentException if they are not as many
     */
    public void addAll(CompensatedSums other) {
        if (other.size() != size()) {
            throw new IllegalArgumentException(
                    "There must be " + size() + " sums to add, but there are " + other.size());
        }
        for (int i = 0; i < size(); i++) {
            add(i, other, i);
        }
    }

    public double get(int index) {
        return parts[2 * index] + parts[2 * index + 1];
    }

    /** The sum with all its digits, for differences that would cancel. */
    public BigDecimal exact(int index) {
        return new BigDecimal(parts[2 * index]).add(new BigDecimal(parts[2 * index + 1]));
    }
}
