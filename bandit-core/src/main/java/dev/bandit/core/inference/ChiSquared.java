package dev.bandit.core.inference;

import org.apache.commons.math3.special.Gamma;

/** The chi-squared distribution. */
final class ChiSquared {
    private ChiSquared() {}

    /** P(X > statistic) with {@code df >= 1} degrees of freedom. */
    static double upperTail(double statistic, int df) {
        return statistic == Double.POSITIVE_INFINITY ? 0 : Gamma.regularizedGammaQ(df / 2.0, statistic / 2);
    }
}
