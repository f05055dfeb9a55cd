package dev.bandit.core.policy;

import java.util.Arrays;

/**
 * Plays the arm of the largest posterior mean, and any arm at all with probability epsilon. Arms that tie for the largest
 * mean share its part evenly.
 *
 * @param epsilon in [0, 1]
 */
public record EpsilonGreedy(double epsilon) implements Policy {
    /**
     * @throws IllegalArgumentException if epsilon is outside [0, 1]
     */
    public EpsilonGreedy {
        if (!(epsilon >= 0 && epsilon <= 1)) {
            throw new IllegalArgumentException("epsilon must be in [0, 1], but is " + epsilon);
        }
    }

    @Override
    public ArmDistribution distribution(Arms arms) {
        int count = arms.count();
        double[] means = new double[count];
        double largest = 0;
        int ties = 0;
        for (int k = 0; k < count; k++) {
            means[k] = arms.alpha()[k] / (arms.alpha()[k] + arms.beta()[k]);
            if (means[k] > largest) {
                largest = means[k];
                ties = 0;
            }
            ties += means[k] == largest ? 1 : 0;
        }
        double[] result = new double[count];
        Arrays.fill(result, epsilon / count);
        for (int k = 0; k < count; k++) {
            if (means[k] == largest) {
                result[k] += (1 - epsilon) / ties;
            }
        }
        return ArmDistribution.of(result);
    }
}
