package dev.bandit.core.simulation;

import dev.bandit.core.posterior.BernoulliDivergence;

/**
 * The least regret in the long run: T. L. Lai and H. Robbins, <i>Asymptotically efficient adaptive allocation rules</i> (1985).
 *
 * <pre>C = sum over arms below the best of gap_k / KL(p_k, p*)</pre>
 *
 * A policy that is good whatever the rates are loses C ln T and more successes in T decisions, as T grows without bound. At a
 * finite T it may lose less: the law says nothing about the constant that adds to it. Policies that presume nothing about rates
 * alone are meant; one that happens to play the best arm only loses nothing.
 */
public final class LaiRobbins {
    private LaiRobbins() {}

    /**
     * C, in successes for each unit of ln T.
     *
     * @return finite, not negative; 0 if no arm is worse than the best, or the best one never fails
     */
    public static double constant(BernoulliArms arms) {
        double best = 0;
        for (int k = 0; k < arms.count(); k++) {
            best = Math.max(best, arms.rate(k));
        }
        double sum = 0;
        for (int k = 0; k < arms.count(); k++) {
            if (arms.gap(k) > 0) {
                // Infinite where the best arm never fails: the others are known by their first failure.
                sum += arms.gap(k) / BernoulliDivergence.of(arms.rate(k), best);
            }
        }
        return sum;
    }
}
