package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import org.apache.commons.math3.special.Erf;

/** The standard normal; tails are accurate relative to their own size. */
final class Normal {
    private static final double SQRT_2 = Math.sqrt(2);
    private static final int MAX_STEPS = 50;

    private Normal() {}

    /** P(Z > z). */
    static double upperTail(double z) {
        return 0.5 * Erf.erfc(z / SQRT_2);
    }

    static double density(double z) {
        return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
    }

    /** The z with P(Z > z) = tail, for tail in (0, 1). */
    static double critical(double tail) {
        Require.inside("tail", tail);
        if (tail > 0.5) {
            return -critical(1 - tail);
        }
        // Abramowitz and Stegun 26.2.23 to begin with, then Newton's method on the logarithm of the tail.
        double t = Math.sqrt(-2 * Math.log(tail));
        double z =
                t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
        double target = Math.log(tail);
        for (int step = 0; step < MAX_STEPS; step++) {
            double q = upperTail(z);
            double move = (Math.log(q) - target) * q / density(z);
            z += move;
            if (Math.abs(move) <= 1e-12 * Math.max(1, z)) {
                return z;
            }
        }
        throw new ArithmeticException("Normal quantile did not converge for " + tail);
    }

    /** Half the width, in standard errors, of a two-sided interval; level in (0, 1). */
    static double halfWidth(double level) {
        return critical((1 - Require.inside("level", level)) / 2);
    }
}
