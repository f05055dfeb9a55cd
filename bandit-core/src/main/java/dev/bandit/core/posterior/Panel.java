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
        double x0 = rateAt(reference);
        double y0 = rateAt(-reference);
        for (int i = 0; i < N; i++) {
            double u = middle + half * GaussLegendre.NODE[i];
            logOdds[i] = u;
            double d = u - reference;
            if (Math.abs(d) < NEAR) {
                logX[i] = -Math.log1p(y0 * Math.expm1(-d));
                logY[i] = -Math.log1p(x0 * Math.expm1(d));
            } else {
                logX[i] = logRateAt(u) - logRateAt(reference);
                logY[i] = logRateAt(-u) - logRateAt(-reference);
            }
        }
    }

    double rate(int node) {
        return rateAt(logOdds[node]);
    }

    static double rateAt(double logOdds) {
        return logOdds > 0 ? 1 / (1 + Math.exp(-logOdds)) : Math.exp(logOdds) / (1 + Math.exp(logOdds));
    }

    static double logRateAt(double logOdds) {
        return logOdds > 0 ? -Math.log1p(Math.exp(-logOdds)) : logOdds - Math.log1p(Math.exp(logOdds));
    }
}
