package dev.bandit.core.posterior;

/**
 * Which of several independent Beta arms is best. All arrays are indexed by arm and of equal length, at least 1; their
 * values are finite and above 0. Probabilities are accurate to 1e-8 absolute for parameters from 0.5 to 1e7 in any mixture;
 * {@link MaximumSweep} explains how.
 */
public final class BestArm {
    private BestArm() {}

    /**
     * P(arm k has the largest rate) for every k.
     *
     * @return as many non-negative numbers as there are arms, of sum 1
     * @throws IllegalArgumentException if the arrays are empty, differ in length or hold an invalid parameter
     * @throws ArithmeticException if the accuracy cannot be reached
     */
    public static double[] probabilities(double[] alpha, double[] beta) {
        requireArms(alpha, beta);
        return alpha.length == 1
                ? new double[] {1}
                : MaximumSweep.over(alpha, beta).probabilities();
    }

    /**
     * P(theta of {@code a} &gt; theta of {@code b}).
     *
     * @throws ArithmeticException if the accuracy cannot be reached
     */
    public static double probabilityGreater(BetaPosterior a, BetaPosterior b) {
        double[] alpha = {a.alpha(), b.alpha()};
        double[] beta = {a.beta(), b.beta()};
        return MaximumSweep.over(alpha, beta).probabilities()[0];
    }

    /**
     * E[max theta] - E[theta_k]: the rate given up on average by choosing arm k for good.
     *
     * @return as many non-negative numbers as there are arms
     * @throws IllegalArgumentException if the arrays are empty, differ in length or hold an invalid parameter
     * @throws ArithmeticException if the accuracy cannot be reached
     */
    public static double[] expectedLosses(double[] alpha, double[] beta) {
        requireArms(alpha, beta);
        double[] losses = new double[alpha.length];
        if (alpha.length > 1) {
            double meanOfMaximum = MaximumSweep.over(alpha, beta).meanOfMaximum();
            for (int k = 0; k < losses.length; k++) {
                losses[k] = Math.max(0, meanOfMaximum - alpha[k] / (alpha[k] + beta[k]));
            }
        }
        return losses;
    }

    static void requireArms(double[] alpha, double[] beta) {
        if (alpha.length == 0 || alpha.length != beta.length) {
            throw new IllegalArgumentException(
                    "alpha and beta must have one value per arm, but have " + alpha.length + " and " + beta.length);
        }
        for (int k = 0; k < alpha.length; k++) {
            BetaPosterior.requireParameter("alpha[" + k + "]", alpha[k]);
            BetaPosterior.requireParameter("beta[" + k + "]", beta[k]);
        }
    }
}
