package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A guardrail: has the treatment been shown not to be worse than the control by the margin or more? Absence of evidence does not
 * pass it. Both p values are one-sided; with several guardrails adjust them by {@link Holm}.
 *
 * @param statistic large when the treatment is better than the margin demands
 * @param pValue for "worse than the control by less than the margin": small is a pass
 * @param pValueOfViolation for "worse by more than the margin": small is a proven regression
 */
public record NonInferiority(double statistic, double pValue, double pValueOfViolation) {
    private static final int MAX_STEPS = 200;
    private static final double LARGEST_RATIO = 1e9;

    /**
     * Of means of which smaller is better, for example latencies. The hypothesis {@code mean_t >= (1 + margin) mean_c} is tested by
     * Welch's t test of {@code mean_t - (1 + margin) mean_c}: its standard error holds the control's variance times {@code
     * (1 + margin)^2}, so that the margin is a share of the control's true mean, not of the observed one (A. C. Tamhane and B. R.
     * Logan, <i>Finding the maximum safe dose level for heteroscedastic data</i>, 2004). Undefined when a sample has less than two
     * observations, or neither has any spread.
     *
     * @param margin relative, finite and not negative: 0.25 allows a regression of less than 25 %
     * @throws IllegalArgumentException if the margin is negative or not finite
     */
    public static Optional<NonInferiority> ofMeans(Moments control, Moments treatment, double margin) {
        double ratio = 1 + Require.notNegative("margin", margin);
        return WelchTest.of(control, treatment, ratio)
                .map(test -> new NonInferiority(-test.statistic(), test.pValueLess(), test.pValueGreater()));
    }

    /**
     * Of success rates, of which larger is better. The hypothesis {@code rate_t <= rate_c - margin} is tested by the score test
     * (C. P. Farrington and G. Manning, <i>Test statistics and sample size formulae for comparative binomial trials with null
     * hypothesis of non-zero risk difference</i>, 1990): the variance is that of the likeliest rates at the margin. Undefined when
     * an arm has no trials, and at a margin of 0 when there are only successes or only failures.
     *
     * @param margin absolute, in [0, 1)
     * @throws IllegalArgumentException if the margin is outside [0, 1)
     */
    public static Optional<NonInferiority> ofRates(Proportion control, Proportion treatment, double margin) {
        if (!(margin >= 0 && margin < 1)) {
            throw new IllegalArgumentException("margin must be in [0, 1), but is " + margin);
        }
        double successes = control.successes() + treatment.successes();
        double failures = control.failures() + treatment.failures();
        boolean constant = margin == 0 && (successes == 0 || failures == 0);
        if (control.trials() == 0 || treatment.trials() == 0 || constant) {
            return Optional.empty();
        }
        // A rate near 0 has all its digits, so rates near 1 are taken as rates of failure.
        double variance = successes <= failures
                ? constrainedVariance(treatment, control, margin)
                : constrainedVariance(failuresOf(control), failuresOf(treatment), margin);
        double gap = treatment.successes() / treatment.trials() - control.successes() / control.trials() + margin;
        double z = gap / Math.sqrt(variance);
        return Optional.of(new NonInferiority(z, Normal.upperTail(z), Normal.upperTail(-z)));
    }

    /**
     * The largest relative regression {@code mean_t / mean_c - 1} that the data do not exclude at one-sided level alpha: {@link
     * #ofMeans} passes exactly the margins above it. Undefined where that is, when the control's mean is not shown to be above 0,
     * or when the bound is below -1 or above 1e9.
     *
     * @param alpha in (0, 1/2]
     * @throws IllegalArgumentException if alpha is outside (0, 1/2]
     */
    public static OptionalDouble largestRegression(Moments control, Moments treatment, double alpha) {
        if (!(alpha > 0 && alpha <= 0.5)) {
            throw new IllegalArgumentException("alpha must be above 0 and at most 1/2, but is " + alpha);
        }
        if (!passes(control, treatment, LARGEST_RATIO, alpha) || passes(control, treatment, 0, alpha)) {
            return OptionalDouble.empty();
        }
        double low = 0;
        double high = 1;
        while (!passes(control, treatment, high, alpha)) {
            low = high;
            high *= 2;
        }
        for (int step = 0; step < MAX_STEPS && high - low > Math.ulp(high); step++) {
            double middle = (low + high) / 2;
            if (passes(control, treatment, middle, alpha)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return OptionalDouble.of(high - 1);
    }

    private static boolean passes(Moments control, Moments treatment, double ratio, double alpha) {
        return WelchTest.of(control, treatment, ratio)
                .map(test -> test.pValueLess() < alpha)
                .orElse(false);
    }

    private static Proportion failuresOf(Proportion arm) {
        return new Proportion(arm.failures(), arm.trials());
    }

    /**
     * The variance of the difference of the observed rates if the true ones are the likeliest pair {@code p, p + margin}: where
     * the likelihood, which is concave, has slope 0.
     */
    private static double constrainedVariance(Proportion smaller, Proportion larger, double margin) {
        double low = 0;
        double high = 1 - margin;
        for (int step = 0; step < MAX_STEPS; step++) {
            double p = (low + high) / 2;
            double q = p + margin;
            double slope = part(smaller.successes(), p)
                    - part(smaller.failures(), 1 - p)
                    + part(larger.successes(), q)
                    - part(larger.failures(), 1 - q);
            if (slope > 0) {
                low = p;
            } else {
                high = p;
            }
        }
        double q = high + margin;
        return high * (1 - high) / smaller.trials() + q * Math.max(0, 1 - q) / larger.trials();
    }

    private static double part(double count, double rate) {
        return count == 0 ? 0 : count / Math.max(rate, Double.MIN_NORMAL);
    }
}
