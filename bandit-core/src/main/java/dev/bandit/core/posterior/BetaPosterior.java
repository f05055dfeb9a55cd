package dev.bandit.core.posterior;

/**
 * What is known about one arm's success rate: {@code theta ~ Beta(alpha, beta)}.
 *
 * <p>Functions are accurate to about 1e-12 for parameters up to 1e7 and beyond.
 *
 * @param alpha prior successes plus successes, finite and above 0
 * @param beta prior failures plus failures, finite and above 0
 */
public record BetaPosterior(double alpha, double beta) {
    /**
     * @throws IllegalArgumentException if a parameter is not finite and above 0
     */
    public BetaPosterior {
        requireParameter("alpha", alpha);
        requireParameter("beta", beta);
    }

    static void requireParameter(String name, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " must be finite and above 0, but is " + value);
        }
    }

    public double mean() {
        return alpha / (alpha + beta);
    }

    public double variance() {
        double n = alpha + beta;
        return alpha / n * (beta / n) / (n + 1);
    }

    /**
     * @param x the rate, in [0, 1]
     * @return the logarithm of the density: negative infinity where it is 0, positive infinity where it is unbounded
     * @throws IllegalArgumentException if x is outside [0, 1]
     */
    public double logPdf(double x) {
        requireUnit("x", x);
        if (x == 0 || x == 1) {
            return logPdfAtEnd(x == 0 ? alpha : beta, x == 0 ? beta : alpha);
        }
        double logX = x < 0.5 ? Math.log(x) : Math.log1p(x - 1);
        double logY = Math.log1p(-x);
        return LogitBeta.logPeak(alpha, beta) + LogitBeta.drop(alpha, beta, x, 1 - x, logX, logY) - logX - logY;
    }

    /** Near its end the density is {@code near * d^(near - 1) / ...}: 0, unbounded, or 1 / B(1, far) = far. */
    private static double logPdfAtEnd(double near, double far) {
        if (near == 1) {
            return Math.log(far);
        }
        return near > 1 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }

    /**
     * @param x the rate, in [0, 1]
     * @return the density at x
     * @throws IllegalArgumentException if x is outside [0, 1]
     */
    public double pdf(double x) {
        return Math.exp(logPdf(x));
    }

    /**
     * @param x the rate; below 0 the answer is 0, above 1 it is 1
     * @return P(theta &lt;= x)
     * @throws IllegalArgumentException if x is NaN
     */
    public double cdf(double x) {
        if (Double.isNaN(x)) {
            throw new IllegalArgumentException("x must be a number, but is NaN");
        }
        return IncompleteBeta.lower(alpha, beta, x, 1 - x);
    }

    /**
     * The inverse of {@link #cdf}.
     *
     * <p>Newton's method on {@code log F} over the log-odds. {@code log F} is concave there, so that the iteration cannot
     * diverge; the smaller of the two tails is the one inverted.
     *
     * @param probability in [0, 1]
     * @return the rate x with P(theta &lt;= x) = probability
     * @throws IllegalArgumentException if the probability is outside [0, 1]
     */
    public double quantile(double probability) {
        requireUnit("probability", probability);
        if (probability == 0 || probability == 1) {
            return probability;
        }
        return probability <= 0.5
                ? LowerTailQuantile.rate(alpha, beta, probability)
                : LowerTailQuantile.complement(beta, alpha, 1 - probability);
    }

    /**
     * The equal-tailed credible interval: outside it, on either side, lies half of {@code 1 - level}.
     *
     * @param level in (0, 1), for example 0.95
     * @throws IllegalArgumentException if the level is outside (0, 1)
     */
    public CredibleInterval credibleInterval(double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException("level must be between 0 and 1, but is " + level);
        }
        double tail = (1 - level) / 2;
        double lower = LowerTailQuantile.rate(alpha, beta, tail);
        return new CredibleInterval(lower, LowerTailQuantile.complement(beta, alpha, tail));
    }

    /**
     * The posterior after one more reward; a fractional reward counts as that fraction of a success.
     *
     * @param reward in [0, 1]
     * @throws IllegalArgumentException if the reward is outside [0, 1]
     */
    public BetaPosterior updated(double reward) {
        requireUnit("reward", reward);
        return new BetaPosterior(alpha + reward, beta + (1 - reward));
    }

    private static void requireUnit(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1], but is " + value);
        }
    }
}
