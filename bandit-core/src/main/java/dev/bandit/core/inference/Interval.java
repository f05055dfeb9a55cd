package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;

/** A closed range of finite numbers. */
public record Interval(double lower, double upper) {
    /**
     * @throws IllegalArgumentException unless both are finite and lower &lt;= upper
     */
    public Interval {
        Require.finite("lower", lower);
        Require.finite("upper", upper);
        if (lower > upper) {
            throw new IllegalArgumentException("Not an interval: " + lower + " to " + upper);
        }
    }

    public boolean contains(double value) {
        return lower <= value && value <= upper;
    }

    public double width() {
        return upper - lower;
    }

    /** All differences {@code x - y} of an x in here and a y in the other. */
    public Interval minus(Interval other) {
        return new Interval(lower - other.upper, upper - other.lower);
    }
}
