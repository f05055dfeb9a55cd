package dev.bandit.core.sampling;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;

/**
 * Draws from Beta distributions whose parameters change from draw to draw, so that nothing is prepared per distribution.
 *
 * <p>A Beta(a, b) is X / (X + Y) with X ~ Gamma(a), Y ~ Gamma(b). The gammas are drawn as by G. Marsaglia and W. W. Tsang,
 * <i>A simple method for generating gamma variables</i> (2000), including their step for a shape below 1. {@link #odds} stops
 * at X / Y, which orders arms as their rates do and keeps apart rates that would both round to 1.
 *
 * <p>Not thread-safe, as the generator is not. A change of what a seed yields is announced in the release notes.
 */
public final class BetaSampler {
    private final UniformRandomProvider random;
    private final ZigguratSampler.NormalizedGaussian gaussian;

    private BetaSampler(UniformRandomProvider random) {
        this.random = random;
        gaussian = ZigguratSampler.NormalizedGaussian.of(random);
    }

    /** A sampler that takes its randomness from {@code random} alone. */
    public static BetaSampler of(UniformRandomProvider random) {
        return new BetaSampler(random);
    }

    /**
     * One draw from Beta(alpha, beta).
     *
     * @param alpha finite and above 0
     * @param beta finite and above 0
     * @return a rate in [0, 1]
     * @throws IllegalArgumentException if a parameter is not finite and above 0
     */
    public double sample(double alpha, double beta) {
        double odds = odds(alpha, beta);
        return odds < 1 ? odds / (1 + odds) : 1 / (1 + 1 / odds);
    }

    /**
     * theta / (1 - theta) for one draw of theta.
     *
     * @param alpha finite and above 0
     * @param beta finite and above 0
     * @return odds from 0 to infinity, both of which are only reached with parameters far below 0.1
     * @throws IllegalArgumentException if a parameter is not finite and above 0
     */
    public double odds(double alpha, double beta) {
        if (!(alpha > 0 && beta > 0 && alpha + beta < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "alpha and beta must be finite and above 0, but are " + alpha + " and " + beta);
        }
        if (alpha >= 1 && beta >= 1) {
            return gamma(alpha) / gamma(beta);
        }
        double log = 0;
        double a = alpha;
        double b = beta;
        if (a < 1) {
            log += logUniform() / a;
            a++;
        }
        if (b < 1) {
            log -= logUniform() / b;
            b++;
        }
        return Math.exp(log + Math.log(gamma(a) / gamma(b)));
    }

    /** log of a uniform from (0, 1]. */
    private double logUniform() {
        return Math.log1p(-random.nextDouble());
    }

    /** One draw from Gamma(shape), shape at least 1. */
    private double gamma(double shape) {
        double d = shape - 1.0 / 3;
        double c = 1 / (3 * Math.sqrt(d));
        while (true) {
            double x = gaussian.sample();
            double root = 1 + c * x;
            if (root > 0) {
                double v = root * root * root;
                double square = x * x;
                double u = random.nextDouble();
                if (u < 1 - 0.0331 * square * square || Math.log(u) < 0.5 * square + d * (1 - v + Math.log(v))) {
                    return d * v;
                }
            }
        }
    }
}
