package dev.bandit.core.posterior;

import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.analysis.solvers.BrentSolver;

/**
 * How much better than the leading arm another arm may still be: PVR = (theta_max - theta_*) / theta_*, where * is the
 * arm of largest P(best). S. L. Scott, <i>A modern Bayesian look at the multi-armed bandit</i> (2010), section 5; there it
 * is simulated, here it is exact:
 *
 * <pre>P(PVR &lt;= v) = integral f_*(x) prod_{a != *} F_a(x (1 + v)) dx</pre>
 *
 * <p>which is the probability that arm * is still the largest after its rate has been stretched by 1 + v.
 *
 * @param arm the index of the leading arm
 * @param percentile95 the 95th percentile of PVR, at least 0; exactly 0 when P(best) of the leader is at least 0.95
 * @param probabilityBelowOnePercent P(PVR &lt; 0.01), in [0, 1]
 */
public record ValueRemaining(int arm, double percentile95, double probabilityBelowOnePercent) {
    private static final double LEVEL = 0.95;
    private static final double ONE_PERCENT = 0.01;

    /**
     * @param alpha one value per arm, finite and above 0
     * @param beta one value per arm, finite and above 0
     * @throws IllegalArgumentException if the arrays are empty, differ in length or hold an invalid parameter
     * @throws ArithmeticException if the accuracy cannot be reached
     */
    public static ValueRemaining of(double[] alpha, double[] beta) {
        double[] best = BestArm.probabilities(alpha, beta);
        int leader = 0;
        for (int k = 1; k < best.length; k++) {
            if (best[k] > best[leader]) {
                leader = k;
            }
        }
        if (best.length == 1) {
            return new ValueRemaining(0, 0, 1);
        }
        double percentile = best[leader] >= LEVEL ? 0 : percentile(leader, alpha, beta);
        return new ValueRemaining(leader, percentile, probabilityAtMost(ONE_PERCENT, leader, alpha, beta));
    }

    /**
     * P(PVR &lt;= v) against the arm {@code leader}.
     *
     * @param v above 0
     * @param leader the index of the arm of largest P(best)
     * @param alpha one value per arm, finite and above 0
     * @param beta one value per arm, finite and above 0
     * @throws ArithmeticException if the accuracy cannot be reached
     */
    public static double probabilityAtMost(double v, int leader, double[] alpha, double[] beta) {
        return MaximumSweep.stretching(leader, v, alpha, beta).probabilities()[leader];
    }

    /** The root in log v, since PVR spans many orders of magnitude. */
    private static double percentile(int leader, double[] alpha, double[] beta) {
        UnivariateFunction excess = logV -> probabilityAtMost(Math.exp(logV), leader, alpha, beta) - LEVEL;
        double high = Math.log(ONE_PERCENT);
        while (excess.value(high) < 0) {
            high++;
        }
        double low = high - 1;
        while (excess.value(low) > 0 && low > -40) {
            low--;
        }
        if (low <= -40) {
            return Math.exp(low);
        }
        return Math.exp(new BrentSolver(1e-10, 1e-10, 1e-12).solve(100, excess, low, low + 1));
    }
}
