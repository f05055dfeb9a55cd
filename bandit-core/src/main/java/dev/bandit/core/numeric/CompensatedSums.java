package dev.bandit.core.numeric;

import java.math.BigDecimal;
import java.util.Arrays;

/**
 * Sums that lose nothing to rounding until they are read (A. Neumaier, <i>Rundungsfehleranalyse einiger Verfahren zur Summation
 * endlicher Summen</i>, 1974), so that neither the order nor the partition of the terms matters. Not thread-safe.
 */
public final class CompensatedSums {
    private final double[] sum;
    private final double[] lost;

    /** So many sums, all 0. */
    public CompensatedSums(int size) {
        this(new double[size], new double[size]);
    }

    private CompensatedSums(double[] sum, double[] lost) {
        this.sum = sum;
        this.lost = lost;
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
        int size = state.length / 2;
        return new CompensatedSums(Arrays.copyOf(state, size), Arrays.copyOfRange(state, size, 2 * size));
    }

    /** All that they know: twice as many numbers as there are sums. */
    public double[] state() {
        double[] state = Arrays.copyOf(sum, 2 * sum.length);
        System.arraycopy(lost, 0, state, sum.length, lost.length);
        return state;
    }

    /** How many there are. */
    public int size() {
        return sum.length;
    }

    public void add(int index, double term) {
        double before = sum[index];
        double after = before + term;
        // Knuth's way to what the addition loses, without a branch that nothing could predict.
        double taken = after - before;
        lost[index] += before - (after - taken) + (term - taken);
        sum[index] = after;
    }

    /** Adds {@code x y}, with what the product loses to rounding. */
    public void addProduct(int index, double x, double y) {
        double product = x * y;
        add(index, product);
        lost[index] += Math.fma(x, y, -product);
    }

    /** Adds {@code count x y} in the same way. */
    public void addProduct(int index, double count, double x, double y) {
        double product = x * y;
        addProduct(index, count, product);
        lost[index] += count * Math.fma(x, y, -product);
    }

    /** Adds one of the other sums. */
    public void add(int index, CompensatedSums other, int from) {
        add(index, other.sum[from]);
        add(index, other.lost[from]);
    }

    /**
     * Adds the other sums to these, one by one.
     *
     * @throws IllegalArgumentException if they are not as many
     */
    public void addAll(CompensatedSums other) {
        if (other.sum.length != sum.length) {
            throw new IllegalArgumentException(
                    "There must be " + sum.length + " sums to add, but there are " + other.sum.length);
        }
        for (int i = 0; i < sum.length; i++) {
            add(i, other, i);
        }
    }

    public double get(int index) {
        return sum[index] + lost[index];
    }

    /** The sum with all its digits, for differences that would cancel. */
    public BigDecimal exact(int index) {
        return new BigDecimal(sum[index]).add(new BigDecimal(lost[index]));
    }
}
