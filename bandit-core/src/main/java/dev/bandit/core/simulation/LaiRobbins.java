package dev.bandit.core.simulation;

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
            // A best arm that never fails is known by the others' first failures: the divergence has no bound.
            if (arms.gap(k) > 0 && best < 1) {
                sum += arms.gap(k) / divergence(arms.rate(k), best);
            }
        }
        return sum;
    }

    /** The Kullback-Leibler divergence of Bernoulli(q), q in (0, 1), from Bernoulli(p), in nats. */
    private static double divergence(double p, double q) {
        double success = p == 0 ? 0 : p * Math.log(p / q);
        double failure = p == 1 ? 0 : (1 - p) * (Math.log1p(-p) - Math.log1p(-q));
        return success + failure;
    }
}
