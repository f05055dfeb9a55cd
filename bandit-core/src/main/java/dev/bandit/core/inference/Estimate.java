package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;

/**
 * A number and how uncertain it is, approximately normal.
 *
 * @param value finite
 * @param standardError finite and above 0
 */
public record Estimate(double value, double standardError) {
    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Estimate {
        Require.finite("value", value);
        if (!(standardError > 0 && standardError < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("standardError must be finite and above 0, but is " + standardError);
        }
    }

    /**
     * @param level in (0, 1)
     * @throws IllegalArgumentException if the level is outside (0, 1)
     */
    public Interval interval(double level) {
        double half = Normal.halfWidth(level) * standardError;
        return new Interval(value - half, value + half);
    }

    /** The difference to an estimate whose errors are uncorrelated with these. */
    public Estimate minus(Estimate other) {
        return new Estimate(value - other.value, Math.hypot(standardError, other.standardError));
    }
}
