package dev.bandit.core.policy;

import java.util.Arrays;

/**
 * A lower bound on every arm's probability, by water-filling: arms below the floor are lifted to it, the others share what
 * remains in their old proportions, and an arm that this sharing pushes below the floor is lifted too. (Clipping and then
 * renormalising would push arms below the floor again.)
 */
public final class Floor {
    private static final double ROUNDING = 1e-12;

    private Floor() {}

    /**
     * @param probabilities one per arm, non-negative, of sum 1
     * @param floor the least probability, in [0, 1 / arms]
     * @return a new array of sum 1, no value below the floor, ratios kept between the values above it
     * @throws IllegalArgumentException if the floor is negative, NaN, or leaves more than 1 to give
     */
    public static double[] apply(double[] probabilities, double floor) {
        int arms = probabilities.length;
        if (!(arms > 0 && floor >= 0 && floor * arms <= 1 + ROUNDING)) {
            throw new IllegalArgumentException(
                    "floor times arms must be in [0, 1], but the floor is " + floor + " for " + arms + " arms");
        }
        double[] sorted = probabilities.clone();
        Arrays.sort(sorted);
        double[] sumFrom = new double[arms + 1];
        for (int k = arms - 1; k >= 0; k--) {
            sumFrom[k] = sumFrom[k + 1] + sorted[k];
        }
        if (!(sorted[0] >= 0 && sumFrom[0] > 0 && sumFrom[0] < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Probabilities must be non-negative with a positive sum, but are "
                    + Arrays.toString(probabilities));
        }
        int lifted = 0;
        double scale = 1 / sumFrom[0];
        while (lifted < arms - 1 && sorted[lifted] * scale < floor) {
            lifted++;
            scale = (1 - lifted * floor) / sumFrom[lifted];
        }
        double[] result = new double[arms];
        for (int k = 0; k < arms; k++) {
            result[k] = Math.max(floor, probabilities[k] * scale);
        }
        return result;
    }
}
