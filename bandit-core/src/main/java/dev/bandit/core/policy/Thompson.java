package dev.bandit.core.policy;

import dev.bandit.core.posterior.BestArm;
import dev.bandit.core.sampling.BetaSampler;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Thompson sampling (Thompson 1933): an arm is chosen as often as it is believed to be the best one. {@link #distribution}
 * computes that probability, {@link #draw} realises it by drawing from the posteriors.
 */
public record Thompson() implements Policy {
    @Override
    public ArmDistribution distribution(Arms arms) {
        return ArmDistribution.of(BestArm.probabilities(arms.alpha(), arms.beta()));
    }

    /**
     * Draws a rate from every posterior and returns the arm of the largest.
     *
     * @param alpha one value per arm, at least one arm, finite and above 0
     * @param beta as alpha
     * @throws IllegalArgumentException if there is no arm, the lengths differ, or a value is out of its range
     */
    public static int draw(UniformRandomProvider random, double[] alpha, double[] beta) {
        requireSameLength(alpha, beta);
        return draw(BetaSampler.of(random), alpha, beta, -1);
    }

    static void requireSameLength(double[] alpha, double[] beta) {
        if (alpha.length == 0 || alpha.length != beta.length) {
            throw new IllegalArgumentException(
                    "alpha and beta must have one value per arm, but have " + alpha.length + " and " + beta.length);
        }
    }

    /** The same among all arms but {@code left}. */
    static int draw(BetaSampler sampler, double[] alpha, double[] beta, int left) {
        int best = -1;
        double largest = -1;
        for (int k = 0; k < alpha.length; k++) {
            if (k != left) {
                double odds = sampler.odds(alpha[k], beta[k]);
                if (odds > largest) {
                    largest = odds;
                    best = k;
                }
            }
        }
        return best;
    }
}
