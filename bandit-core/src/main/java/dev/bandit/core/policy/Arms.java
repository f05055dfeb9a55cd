package dev.bandit.core.policy;

import java.util.Arrays;

/**
 * The arms a policy may choose from, by position: their posteriors and their share in the experiment's fixed split. The
 * caller leaves out arms that are not eligible. The arrays are kept, not copied, and must not change afterwards.
 *
 * @param alpha finite and above 0
 * @param beta finite and above 0, as many as alpha
 * @param allocation non-negative weights, not all 0, as many as alpha; only their ratios matter
 */
public record Arms(double[] alpha, double[] beta, double[] allocation) {
    /**
     * @throws IllegalArgumentException if there is no arm, the lengths differ, or a value is out of its range
     */
    public Arms {
        int arms = alpha.length;
        if (arms == 0 || beta.length != arms || allocation.length != arms) {
            throw new IllegalArgumentException("alpha, beta and allocation must have one value per arm, but have "
                    + arms + ", " + beta.length + " and " + allocation.length);
        }
        double sum = 0;
        for (int k = 0; k < arms; k++) {
            requirePositive("alpha", k, alpha[k]);
            requirePositive("beta", k, beta[k]);
            if (!(allocation[k] >= 0)) {
                throw new IllegalArgumentException(
                        "allocation[" + k + "] must not be negative, but is " + allocation[k]);
            }
            sum += allocation[k];
        }
        if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("allocation must have a positive finite sum, but it is " + sum);
        }
    }

    /** Arms with equal shares in the fixed split. */
    public static Arms of(double[] alpha, double[] beta) {
        double[] equal = new double[alpha.length];
        Arrays.fill(equal, 1);
        return new Arms(alpha, beta, equal);
    }

    /** How many arms there are, at least 1. */
    public int count() {
        return alpha.length;
    }

    private static void requirePositive(String name, int arm, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + "[" + arm + "] must be finite and above 0, but is " + value);
        }
    }
}
