package dev.bandit.core.inference;

import dev.bandit.core.posterior.BetaPosterior;

/**
 * Student's t for any degrees of freedom above 0. Up to 1e5 by the incomplete beta function; from there on by expansions
 * about the normal, whose errors there are below 1e-15, where {@code 1 - x} would lose digits.
 */
final class StudentT {
    private static final double LARGE = 1e5;

    private StudentT() {}

    /** P(T > t). */
    static double upperTail(double t, double df) {
        if (df > LARGE) {
            return Normal.upperTail(Math.copySign(hill(t, df), t));
        }
        double tail = 0.5 * new BetaPosterior(df / 2, 0.5).cdf(df / (df + t * t));
        return t > 0 ? tail : 1 - tail;
    }

    /** The t with P(T > t) = tail, for tail in (0, 1/2]. */
    static double critical(double tail, double df) {
        if (df > LARGE) {
            return cornishFisher(Normal.critical(tail), df);
        }
        double x = new BetaPosterior(df / 2, 0.5).quantile(Math.min(1, 2 * tail));
        return Math.sqrt(df * (1 - x) / x);
    }

    /** The normal deviate of the same tail: G. W. Hill, Algorithm 395, Communications of the ACM 13 (1970). */
    private static double hill(double t, double df) {
        double a = df - 0.5;
        double b = 48 * a * a;
        double y = a * Math.log1p(t * t / df);
        double correction = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b) + y + 3;
        return (correction / b + 1) * Math.sqrt(y);
    }

    /** Abramowitz and Stegun 26.7.5. */
    private static double cornishFisher(double z, double df) {
        double s = z * z;
        double first = (s + 1) / 4;
        double second = ((5 * s + 16) * s + 3) / 96;
        double third = (((3 * s + 19) * s + 17) * s - 15) / 384;
        return z * (1 + (first + (second + third / df) / df) / df);
    }
}
