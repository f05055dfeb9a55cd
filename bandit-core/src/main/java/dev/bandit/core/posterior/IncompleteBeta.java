package dev.bandit.core.posterior;

/**
 * The regularised incomplete beta function by the even part of the continued fraction of DLMF 8.17.22, evaluated with the
 * modified Lentz method, in front of which stands the saddle-point density of {@link LogitBeta}. The fraction is used below
 * the mean only and the symmetry {@code I_x(a, b) = 1 - I_y(b, a)} above it; it then converges in O(sqrt(max(a, b))) steps,
 * and its value is accurate relative to the smaller tail.
 *
 * <p>Its terms are those of A. Didonato and A. Morris, <i>Algorithm 708: Significant Digit Computation of the Incomplete Beta
 * Function Ratios</i> (1992), which take in x and y = 1 - x as {@code a y - b x}. The fraction itself begins with {@code 1 -
 * (a + b) x / (a + 1)}: where a is large and b is not, this is about b / a left over from 1, and x near 1 no longer tells
 * how far from 1 it is.
 *
 * <p>commons-math3's {@code Beta.regularizedBeta} is not used: its leading factor is a difference of log-gammas and loses
 * seven digits at parameters of 1e7.
 */
final class IncompleteBeta {
    private static final int MAX_STEPS = 2_000_000;
    private static final double TINY = 1e-300;

    private IncompleteBeta() {}

    /** Whether the lower tail at x is the one to compute; otherwise the upper one is. */
    static boolean isBelowMean(double a, double b, double x, double y) {
        return x * (b + 1) <= y * (a + 1);
    }

    /** log of I_x(a, b) given x, y = 1 - x and their logarithms; accurate where {@link #isBelowMean}. */
    static double logLower(double a, double b, double x, double y, double logX, double logY) {
        double density = LogitBeta.logPeak(a, b) + LogitBeta.drop(a, b, x, y, logX, logY);
        return density + Math.log(fraction(a, b, x, y));
    }

    /** I_x(a, b) for x in [0, 1], y = 1 - x. */
    static double lower(double a, double b, double x, double y) {
        if (x <= 0) {
            return 0;
        }
        if (y <= 0) {
            return 1;
        }
        double logX = x < 0.5 ? Math.log(x) : Math.log1p(-y);
        double logY = y < 0.5 ? Math.log(y) : Math.log1p(-x);
        return isBelowMean(a, b, x, y)
                ? Math.min(1, Math.exp(logLower(a, b, x, y, logX, logY)))
                : Math.max(0, 1 - Math.exp(logLower(b, a, y, x, logY, logX)));
    }

    /** I_x(a, b) over the density of {@link LogitBeta}, below the mean; {@code gap + 1} is at least 2 x there. */
    private static double fraction(double a, double b, double x, double y) {
        double gap = a * y - b * x;
        double d = reciprocal(a / (a + 1) * (gap + 1));
        double c = Double.POSITIVE_INFINITY;
        double value = d;
        for (int m = 1; m < MAX_STEPS; m++) {
            double width = a + (2.0 * m - 1);
            double lead = a + (m - 1);
            double step = m * (b - m) * x / width;
            double numerator = step * x * (lead / width) * (lead + b);
            double denominator = m + step + (a + m) / (width + 2) * (gap + 1 + m * (1 + y));
            d = reciprocal(denominator + numerator * d);
            c = awayFromZero(denominator + numerator / c);
            double change = d * c;
            value *= change;
            if (Math.abs(change - 1) < 1e-15) {
                return value;
            }
        }
        throw new ArithmeticException("Incomplete beta did not converge for a = " + a + ", b = " + b + ", x = " + x);
    }

    private static double reciprocal(double value) {
        return 1 / awayFromZero(value);
    }

    private static double awayFromZero(double value) {
        return Math.abs(value) < TINY ? TINY : value;
    }
}
