package dev.bandit.core.policy;

import dev.bandit.core.sampling.Categorical;
import java.util.Arrays;

/**
 * The probability of each arm, and the draw from it: an arm's propensity is exactly {@link #probability} of it. Immutable.
 */
public final class ArmDistribution {
    private static final double SUM_TOLERANCE = 1e-9;

    private final double[] probabilities;
    private final double[] cumulative;

    private ArmDistribution(double[] probabilities, double[] cumulative) {
        this.probabilities = probabilities;
        this.cumulative = cumulative;
    }

    /**
     * @param probabilities one number in [0, 1] per arm, of sum 1 within 1e-9; copied
     * @throws IllegalArgumentException if they are not that
     */
    public static ArmDistribution of(double... probabilities) {
        double[] copy = probabilities.clone();
        double[] cumulative = new double[copy.length];
        double sum = 0;
        int last = -1;
        for (int k = 0; k < copy.length; k++) {
            if (!(copy[k] >= 0 && copy[k] <= 1 + SUM_TOLERANCE)) {
                throw new IllegalArgumentException(
                        "The probability of arm " + k + " must be in [0, 1], but is " + copy[k]);
            }
            sum += copy[k];
            cumulative[k] = sum;
            last = copy[k] > 0 ? k : last;
        }
        if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
            throw new IllegalArgumentException("The probabilities of the arms must sum to 1, but sum to " + sum);
        }
        // Whatever rounding left of the sum belongs to the last arm that can be drawn at all.
        Arrays.fill(cumulative, last, copy.length, 1);
        return new ArmDistribution(copy, cumulative);
    }

    /** How many arms there are. */
    public int arms() {
        return probabilities.length;
    }

    /**
     * @param arm the index of an arm
     * @throws ArrayIndexOutOfBoundsException if there is no such arm
     */
    public double probability(int arm) {
        return probabilities[arm];
    }

    /** A copy of all probabilities, by arm. */
    public double[] probabilities() {
        return probabilities.clone();
    }

    /**
     * The arm that {@code u} selects; one of probability 0 never is.
     *
     * @param u uniform in [0, 1)
     * @throws IllegalArgumentException if u is outside [0, 1)
     */
    public int draw(double u) {
        return Categorical.draw(cumulative, u);
    }

    /**
     * The nearest distribution in which every arm has at least {@code floor}, see {@link Floor}.
     *
     * @throws IllegalArgumentException if the floor is negative or the arms times the floor exceed 1
     */
    public ArmDistribution withFloor(double floor) {
        return of(Floor.apply(probabilities, floor));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ArmDistribution that && Arrays.equals(probabilities, that.probabilities);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(probabilities);
    }

    @Override
    public String toString() {
        return "ArmDistribution" + Arrays.toString(probabilities);
    }
}
