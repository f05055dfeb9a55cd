package dev.bandit.core.posterior;

/**
 * The nodes of one panel on the log-odds axis and the tables all arms share there: the logarithms of x / x0 and
 * y / y0, where y = 1 - x and x0 is the rate at a reference point.
 *
 * <p>The reference makes the tables small where narrow arms live, so that multiplying them by 1e7 loses nothing.
 */
final class Panel {
    private static final int N = GaussLegendre.NODES;
    private static final double NEAR = 2;

    /** Half of the panel's width. */
    double half;

    /** log-odds of each node. */
    final double[] logOdds = new double[N];

    final double[] logX = new double[N];
    final double[] logY = new double[N];

    /**
     * @param bottom lower end
     * @param top upper end
     * @param reference log-odds of x0
     */
    void cover(double bottom, double top, double reference) {
        half = (top - bottom) / 2;
        double middle = bottom + half;
        // The logarithm that varies less is computed, the other follows from log x - log y = u.
        double sign = reference < 0 ? -1 : 1;
        double smaller = LogOdds.rate(-sign * reference);
        double logLarger = LogOdds.logRate(sign * reference);
        double[] computed = reference < 0 ? logY : logX;
        double[] derived = reference < 0 ? logX : logY;
        for (int i = 0; i < N; i++) {
            double u = middle + half * GaussLegendre.NODE[i];
            logOdds[i] = u;
            double d = sign * (u - reference);
            computed[i] =
                    Math.abs(d) < NEAR ? -Math.log1p(smaller * Math.expm1(-d)) : LogOdds.logRate(sign * u) - logLarger;
            derived[i] = computed[i] - d;
        }
    }

    double rate(int node) {
        return LogOdds.rate(logOdds[node]);
    }
}
