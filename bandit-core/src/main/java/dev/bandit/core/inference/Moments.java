package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Size, mean and spread of a sample.
 *
 * @param n not negative
 * @param mean finite
 * @param squares the sum of squared distances from the mean, finite and not negative
 */
public record Moments(long n, double mean, double squares) {
    /** No observation. */
    public static final Moments EMPTY = new Moments(0, 0, 0);

    /**
     * @throws IllegalArgumentException if a value is out of its range, or a sample of less than two has spread
     */
    public Moments {
        Require.count("n", n);
        Require.finite("mean", mean);
        Require.notNegative("squares", squares);
        if (n < 2 && squares > 0) {
            throw new IllegalArgumentException("squares must be 0 for n = " + n + ", but is " + squares);
        }
    }

    /**
     * From the unbiased variance (divisor n - 1), as SQL's {@code var_samp} gives it.
     *
     * @throws IllegalArgumentException if a value is out of its range, or n is less than 2
     */
    public static Moments of(long n, double mean, double variance) {
        if (n < 2) {
            throw new IllegalArgumentException("n must be at least 2 to have a variance, but is " + n);
        }
        return new Moments(n, mean, Require.notNegative("variance", variance) * (n - 1));
    }

    /** The unbiased variance; undefined for less than two observations. */
    public OptionalDouble variance() {
        return n < 2 ? OptionalDouble.empty() : OptionalDouble.of(squares / (n - 1));
    }

    /** By how much chance moves the mean; undefined for less than two observations. */
    public OptionalDouble standardError() {
        return n < 2 ? OptionalDouble.empty() : OptionalDouble.of(Math.sqrt(squares / (n - 1) / n));
    }

    /**
     * The interval for the mean by Student's t; undefined for less than two observations.
     *
     * @param level in (0, 1)
     * @throws IllegalArgumentException if the level is outside (0, 1)
     */
    public Optional<Interval> meanInterval(double level) {
        double tail = (1 - Require.inside("level", level)) / 2;
        if (n < 2) {
            return Optional.empty();
        }
        double half =
                StudentT.critical(tail, (double) (n - 1)) * standardError().orElseThrow();
        return Optional.of(new Interval(mean - half, mean + half));
    }

    /** Those of both samples together (Chan, Golub and LeVeque 1979). */
    public Moments merge(Moments other) {
        if (n == 0 || other.n == 0) {
            return n == 0 ? other : this;
        }
        double all = (double) n + other.n;
        double gap = other.mean - mean;
        // Weighting the smaller sample keeps the mean within rounding of the larger one's.
        double joint = n >= other.n ? mean + gap * (other.n / all) : other.mean - gap * (n / all);
        return new Moments(Math.addExact(n, other.n), joint, squares + other.squares + gap * gap * (n / all * other.n));
    }

    /** Gathers {@link Moments} in one pass (Welford 1962). Not thread-safe. */
    public static final class Accumulator {
        private long n;
        private double mean;
        private double squares;

        /**
         * @throws IllegalArgumentException if the value is not finite
         */
        public void add(double value) {
            double gap = Require.finite("value", value) - mean;
            n++;
            mean += gap / n;
            squares += gap * (value - mean);
        }

        /** Adds all that the other has gathered, which stays as it is. */
        public void merge(Moments other) {
            Moments all = moments().merge(other);
            n = all.n;
            mean = all.mean;
            squares = all.squares;
        }

        /** What was gathered so far. */
        public Moments moments() {
            return new Moments(n, mean, squares);
        }
    }
}
