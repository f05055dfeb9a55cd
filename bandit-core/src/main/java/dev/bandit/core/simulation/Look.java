package dev.bandit.core.simulation;

import dev.bandit.core.inference.EqualArmsEProcess;
import dev.bandit.core.inference.Proportion;
import dev.bandit.core.posterior.BestArm;
import dev.bandit.core.posterior.BetaPosterior;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What is known at some moment of a simulated experiment. Arrays must not be changed. */
public final class Look {
    private final long[] decisions;
    private final long[] trials;
    private final double[] successes;
    private final double[] alpha;
    private final double[] beta;
    private final EqualArmsEProcess evidence;
    private long allDecisions;
    private double @Nullable [] probBest;

    Look(int arms, BetaPosterior prior) {
        decisions = new long[arms];
        trials = new long[arms];
        successes = new double[arms];
        alpha = new double[arms];
        beta = new double[arms];
        Arrays.fill(alpha, prior.alpha());
        Arrays.fill(beta, prior.beta());
        evidence = new EqualArmsEProcess(arms);
    }

    void decided(long[] counts) {
        for (int k = 0; k < counts.length; k++) {
            decisions[k] += counts[k];
            allDecisions += counts[k];
        }
    }

    void rewarded(long[] counts, double[] succeeded, double[] propensities) {
        for (int k = 0; k < counts.length; k++) {
            trials[k] += counts[k];
            successes[k] += succeeded[k];
            alpha[k] += succeeded[k];
            beta[k] += counts[k] - succeeded[k];
        }
        evidence.addAll(counts, succeeded, propensities);
        probBest = null;
    }

    /** How many arms there are. */
    public int arms() {
        return alpha.length;
    }

    /** All decisions so far. */
    public long decisions() {
        return allDecisions;
    }

    /** The decisions for this arm, rewarded yet or not. */
    public long decisions(int arm) {
        return decisions[arm];
    }

    /** The decisions for this arm of which the reward is known. */
    public Proportion seen(int arm) {
        return new Proportion(successes[arm], trials[arm]);
    }

    /** Parameters of the posteriors, by arm. */
    public double[] alpha() {
        return alpha;
    }

    /** Parameters of the posteriors, by arm. */
    public double[] beta() {
        return beta;
    }

    /** P(arm is best), by arm; computed once. */
    public double[] probBest() {
        double[] known = probBest;
        if (known == null) {
            known = BestArm.probabilities(alpha, beta);
            probBest = known;
        }
        return known;
    }

    /** The arm that is most probably the best. */
    public int leader() {
        return largest(probBest());
    }

    /** The arm of the largest posterior mean. */
    public int largestMean() {
        double[] means = new double[alpha.length];
        Arrays.setAll(means, k -> alpha[k] / (alpha[k] + beta[k]));
        return largest(means);
    }

    /** The evidence that rewards depend on the arm. */
    public EqualArmsEProcess evidence() {
        return evidence;
    }

    private static int largest(double[] values) {
        int best = 0;
        for (int k = 1; k < values.length; k++) {
            best = values[k] > values[best] ? k : best;
        }
        return best;
    }
}
