package dev.bandit.core.policy;

import dev.bandit.core.posterior.BestArm;
import dev.bandit.core.sampling.BetaSampler;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Top-two Thompson sampling with a fair coin: D. Russo, <i>Simple Bayesian Algorithms for Best Arm Identification</i> (2016).
 * A Thompson draw names a leader I. On heads I is played; on tails posteriors are drawn again until another arm J is
 * the largest, and J is played. With p = P(best) that makes
 *
 * <pre>P(k) = p_k (1/2 + 1/2 sum_{j != k} p_j / (1 - p_j))</pre>
 *
 * <p>When a leader is so certain that nobody else could be resolved (1 - p_j below 1e-9, beyond the accuracy of p), the
 * challenger is the best of the others, as if the leader were not there. A single arm is its own challenger.
 */
public record TopTwoThompson() implements Policy {
    private static final double COIN = 0.5;
    private static final double UNRESOLVED = 1e-9;
    private static final int MAX_REDRAWS = 100_000;

    @Override
    public ArmDistribution distribution(Arms arms) {
        double[] best = BestArm.probabilities(arms.alpha(), arms.beta());
        int count = best.length;
        if (count == 1) {
            return ArmDistribution.of(1);
        }
        double[] result = new double[count];
        double odds = 0;
        for (int j = 0; j < count; j++) {
            double others = othersOf(j, best);
            if (others < UNRESOLVED) {
                return certainLeader(j, arms);
            }
            odds += best[j] / others;
        }
        double sum = 0;
        for (int k = 0; k < count; k++) {
            double own = best[k] / othersOf(k, best);
            result[k] = best[k] * (COIN + (1 - COIN) * Math.max(0, odds - own));
            sum += result[k];
        }
        for (int k = 0; k < count; k++) {
            result[k] /= sum;
        }
        return ArmDistribution.of(result);
    }

    /** 1 - p_j without cancellation. */
    private static double othersOf(int j, double[] best) {
        if (best[j] < COIN) {
            return 1 - best[j];
        }
        double sum = 0;
        for (int k = 0; k < best.length; k++) {
            sum += k == j ? 0 : best[k];
        }
        return sum;
    }

    private static ArmDistribution certainLeader(int leader, Arms arms) {
        double[] others = BestArm.probabilities(without(leader, arms.alpha()), without(leader, arms.beta()));
        double[] result = new double[arms.count()];
        for (int k = 0; k < result.length; k++) {
            result[k] = k == leader ? COIN : (1 - COIN) * others[k < leader ? k : k - 1];
        }
        return ArmDistribution.of(result);
    }

    private static double[] without(int left, double[] values) {
        double[] rest = new double[values.length - 1];
        System.arraycopy(values, 0, rest, 0, left);
        System.arraycopy(values, left + 1, rest, left, rest.length - left);
        return rest;
    }

    /**
     * Plays the procedure itself. After 100,000 redraws that all name the leader, the challenger is drawn among the others.
     *
     * @param alpha one value per arm, at least one arm, finite and above 0
     * @param beta as alpha
     * @throws IllegalArgumentException if there is no arm, the lengths differ, or a value is out of its range
     */
    public static int draw(UniformRandomProvider random, double[] alpha, double[] beta) {
        Thompson.requireSameLength(alpha, beta);
        BetaSampler sampler = BetaSampler.of(random);
        int leader = Thompson.draw(sampler, alpha, beta, -1);
        if (alpha.length == 1 || random.nextDouble() < COIN) {
            return leader;
        }
        for (int redraw = 0; redraw < MAX_REDRAWS; redraw++) {
            int challenger = Thompson.draw(sampler, alpha, beta, -1);
            if (challenger != leader) {
                return challenger;
            }
        }
        return Thompson.draw(sampler, alpha, beta, leader);
    }
}
