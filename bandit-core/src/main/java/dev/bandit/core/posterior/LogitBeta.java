package dev.bandit.core.posterior;

/**
 * The density of {@code log(theta / (1 - theta))} for {@code theta ~ Beta(a, b)}:
 *
 * <pre>g(u) = x^a y^b / B(a, b),   x = 1 / (1 + e^-u),   y = 1 - x</pre>
 *
 * <p>On the log-odds scale a Beta has no endpoint singularity, whatever its parameters: {@code log g} is concave, its peak
 * is at {@code x = a / (a + b)} and its curvature there is {@code a b / (a + b)}.
 *
 * <p>{@code log g} is written as its peak plus its drop from the peak, the saddle-point form of C. Loader, <i>Fast and
 * Accurate Computation of Binomial Probabilities</i> (2000). Neither term cancels, so that the relative error of the
 * density stays near 1e-15 times its drop even for parameters of 1e7, where {@code lgamma} alone would lose eight digits.
 */
final class LogitBeta {
    private static final double SERIES_BELOW = 0.4;
    private static final double STIRLING_FROM = 16;

    private LogitBeta() {}

    /** log-odds at which the density peaks. */
    static double mode(double a, double b) {
        return Math.log(a / b);
    }

    /** Width of the peak: one standard deviation of the normal with the same curvature. */
    static double scale(double a, double b) {
        return Math.sqrt(1 / a + 1 / b);
    }

    /** log g at its peak. */
    static double logPeak(double a, double b) {
        double n = a + b;
        return 0.5 * Math.log(a / n * b / (2 * Math.PI)) + stirlingError(n) - stirlingError(a) - stirlingError(b);
    }

    /** log g(u) - log g(peak), at most 0. */
    static double drop(double a, double b, double u) {
        double e = Math.exp(-Math.abs(u));
        double larger = 1 / (1 + e);
        double smaller = e / (1 + e);
        double logLarger = -Math.log1p(e);
        double logSmaller = logLarger - Math.abs(u);
        return u > 0
                ? drop(a, b, larger, smaller, logLarger, logSmaller)
                : drop(a, b, smaller, larger, logSmaller, logLarger);
    }

    /** The same for x and y = 1 - x, both given because neither can be had from the other near the ends. */
    static double drop(double a, double b, double x, double y, double logX, double logY) {
        double n = a + b;
        double d = x * b - y * a;
        double left = Math.abs(d) < SERIES_BELOW * a ? a * log1pMinus(d / a) : a * (logX + Math.log(n / a)) - d;
        double right = Math.abs(d) < SERIES_BELOW * b ? b * log1pMinus(-d / b) : b * (logY + Math.log(n / b)) + d;
        return left + right;
    }

    /**
     * A log-odds above which g has dropped by more than {@code drop} (at least 1) in logarithm. Newton's method on a
     * concave function never falls short once it has overshot, so a few steps give a bound and not an estimate.
     */
    static double upperBound(double a, double b, double drop) {
        double u = mode(a, b) + scale(a, b) * Math.sqrt(2 * drop);
        for (int step = 0; step < 2; step++) {
            double slope = b - (a + b) * LogOdds.rate(-u);
            u += (drop(a, b, u) + drop) / slope;
        }
        return u;
    }

    /** {@code log(1 + e) - e} for |e| below 0.4, by the series of {@code 2 atanh(e / (2 + e))}. */
    static double log1pMinus(double e) {
        double r = e / (2 + e);
        double square = r * r;
        double power = 2 * square;
        double sum = 0;
        for (int k = 3; k < 40; k += 2) {
            double term = power / k;
            sum += term;
            if (term < 1e-17 * sum) {
                break;
            }
            power *= square;
        }
        return r * (sum - e);
    }

    /** {@code log Gamma(z) - ((z - 1/2) log z - z + log(2 pi) / 2)}: what Stirling's formula leaves out, z > 0. */
    static double stirlingError(double z) {
        double shifted = z;
        double sum = 0;
        while (shifted < STIRLING_FROM) {
            sum += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
            shifted++;
        }
        double s = 1 / (shifted * shifted);
        double series = 1.0 / 12
                - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s * (1.0 / 1188 - s * 691.0 / 360360))));
        return sum + series / shifted;
    }
}
