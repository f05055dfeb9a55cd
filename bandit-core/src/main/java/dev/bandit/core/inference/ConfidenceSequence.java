package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import dev.bandit.core.posterior.BetaPosterior;

/**
 * Intervals that hold at all times at once: looking after every reward and stopping whenever one likes is fine, and so is any
 * adaptive assignment. H. Robbins' mixture of likelihood ratios with a uniform mixing distribution (see S. Howard, A. Ramdas, J.
 * McAuliffe and J. Sekhon, <i>Time-uniform, nonparametric, nonasymptotic confidence sequences</i>, 2021):
 *
 * <pre>{ p : B(1 + s, 1 + n - s) / (p^s (1 - p)^(n - s)) &lt; 1 / alpha }</pre>
 *
 * which is where the density of Beta(1 + s, 1 + n - s) exceeds alpha. Rewards anywhere in [0, 1] are covered too: the ratio is
 * convex in each reward, so that a coin of the same mean is the worst case.
 */
public final class ConfidenceSequence {
    private static final int MAX_STEPS = 200;
    private static final double MOST_LOG_ODDS = 700;

    private ConfidenceSequence() {}

    /**
     * For one arm's mean, at error probability alpha over all time.
     *
     * @param alpha in (0, 1); for several arms at once see {@link #bonferroni}
     * @return within [0, 1]; all of it before the first trial
     * @throws IllegalArgumentException if alpha is outside (0, 1)
     */
    public static Interval interval(Proportion arm, double alpha) {
        Require.inside("alpha", alpha);
        double s = arm.successes();
        double n = arm.trials();
        if (n == 0) {
            return new Interval(0, 1);
        }
        // Near 0 a rate has all its digits, near 1 it has not.
        if (s > n - s) {
            Interval mirrored = interval(n - s, n, alpha);
            return new Interval(1 - mirrored.upper(), 1 - mirrored.lower());
        }
        return interval(s, n, alpha);
    }

    /**
     * For the treatment's mean minus the control's: the difference of their sequences at alpha / 2 each. Simple and wider than
     * need be.
     *
     * @param alpha in (0, 1)
     * @throws IllegalArgumentException if alpha is outside (0, 1)
     */
    public static Interval difference(Proportion control, Proportion treatment, double alpha) {
        Require.inside("alpha", alpha);
        return interval(treatment, alpha / 2).minus(interval(control, alpha / 2));
    }

    /**
     * The alpha for each of several intervals that shall all hold together with error probability {@code alpha}.
     *
     * @param alpha in (0, 1)
     * @param arms at least 1
     * @throws IllegalArgumentException if a value is out of its range
     */
    public static double bonferroni(double alpha, int arms) {
        if (arms < 1) {
            throw new IllegalArgumentException("arms must be at least 1, but is " + arms);
        }
        return Require.inside("alpha", alpha) / arms;
    }

    /** For s up to n / 2. */
    private static Interval interval(double s, double n, double alpha) {
        double logAlpha = Math.log(alpha);
        if (s == 0) {
            return new Interval(0, -Math.expm1((logAlpha - Math.log1p(n)) / n));
        }
        BetaPosterior likelihood = new BetaPosterior(1 + s, 1 + n - s);
        return new Interval(crossing(likelihood, s, n, logAlpha, -1), crossing(likelihood, s, n, logAlpha, 1));
    }

    /**
     * Where the density falls to alpha on one side of its peak. In log-odds its logarithm is concave, so that Newton's method
     * closes in from outside after at most one step too far; a bracket keeps that step from leaving the range of numbers.
     */
    private static double crossing(BetaPosterior likelihood, double s, double n, double logAlpha, int side) {
        double outside = side * MOST_LOG_ODDS;
        if (likelihood.logPdf(rate(outside)) >= logAlpha) {
            return side < 0 ? 0 : 1;
        }
        double inside = Math.max(-MOST_LOG_ODDS, Math.log(s / (n - s)));
        double height = likelihood.logPdf(rate(inside)) - logAlpha;
        double u = inside + side * Math.min(Math.sqrt(2 * height / s * (n / (n - s))), Math.abs(outside - inside) / 2);
        double last = Double.POSITIVE_INFINITY;
        for (int step = 0; step < MAX_STEPS; step++) {
            double p = rate(u);
            double excess = likelihood.logPdf(p) - logAlpha;
            double move = excess / (s - n * p);
            // Steps shrink quadratically until they are rounding errors.
            if (Math.abs(move) <= 1e-13 || (Math.abs(move) < 1e-9 && Math.abs(move) >= last)) {
                return rate(u - move);
            }
            last = Math.abs(move);
            if (excess > 0) {
                inside = u;
            } else {
                outside = u;
            }
            double next = u - move;
            u = Math.min(inside, outside) < next && next < Math.max(inside, outside) ? next : (inside + outside) / 2;
        }
        throw new ArithmeticException("Confidence sequence did not converge for " + s + " of " + n);
    }

    private static double rate(double logOdds) {
        return 1 / (1 + Math.exp(-logOdds));
    }
}
