package dev.bandit.core.posterior;

/** Inverts the lower tail of a Beta, for tail probabilities up to 1/2. */
final class LowerTailQuantile {
    private static final int MAX_STEPS = 100;

    private LowerTailQuantile() {}

    /** The x with I_x(a, b) = probability. */
    static double rate(double a, double b, double probability) {
        return LogOdds.rate(logOdds(a, b, probability));
    }

    /** 1 - x for the same x. */
    static double complement(double a, double b, double probability) {
        return LogOdds.rate(-logOdds(a, b, probability));
    }

    /**
     * Done at a step of 1e-9 of the scale, whose square is below rounding; or at one that rounding of log F, which grows with
     * the root of the larger parameter, cannot tell from 0 (beyond 2.5e11).
     */
    private static double logOdds(double a, double b, double probability) {
        double target = Math.log(probability);
        double scale = LogitBeta.scale(a, b);
        double peak = LogitBeta.logPeak(a, b);
        double least = scale * Math.max(1e-9, 2e-15 * Math.sqrt(Math.max(a, b)));
        // Above the mode the density may be 0, and with it the slope.
        double u = LogitBeta.mode(a, b) - scale * Math.max(0, normalUpperTail(probability));
        for (int step = 0; step < MAX_STEPS; step++) {
            double logF = logLower(a, b, u);
            double slope = Math.exp(peak + LogitBeta.drop(a, b, u) - logF);
            double move = (logF - target) / slope;
            u -= move;
            if (Math.abs(move) <= least) {
                return u;
            }
        }
        throw new ArithmeticException("Quantile did not converge for a = " + a + ", b = " + b + ", p = " + probability);
    }

    private static double logLower(double a, double b, double u) {
        double x = LogOdds.rate(u);
        double y = LogOdds.rate(-u);
        double logX = LogOdds.logRate(u);
        double logY = LogOdds.logRate(-u);
        return IncompleteBeta.isBelowMean(a, b, x, y)
                ? IncompleteBeta.logLower(a, b, x, y, logX, logY)
                : Math.log1p(-Math.exp(IncompleteBeta.logLower(b, a, y, x, logY, logX)));
    }

    /** z with P(N(0,1) > z) = p to 5e-4, Abramowitz and Stegun 26.2.23: a place to start from. */
    private static double normalUpperTail(double p) {
        double t = Math.sqrt(-2 * Math.log(p));
        double numerator = 2.515517 + t * (0.802853 + t * 0.010328);
        return t - numerator / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    }
}
