package dev.bandit.core.simulation;

import java.util.Arrays;

/** The world as it is in a simulation: every arm succeeds at a rate of its own. Arm 0 is the control. */
public final class BernoulliArms {
    private final double[] rates;
    private final double[] gaps;

    private BernoulliArms(double[] rates, double[] gaps) {
        this.rates = rates;
        this.gaps = gaps;
    }

    /**
     * @param rates one per arm, at least one, each in [0, 1]; copied
     * @throws IllegalArgumentException if there is none or one is outside [0, 1]
     */
    public static BernoulliArms of(double... rates) {
        if (rates.length == 0) {
            throw new IllegalArgumentException("rates must have one value per arm, but there is none");
        }
        double[] copy = rates.clone();
        for (int k = 0; k < copy.length; k++) {
            if (!(copy[k] >= 0 && copy[k] <= 1)) {
                throw new IllegalArgumentException("rates[" + k + "] must be in [0, 1], but is " + copy[k]);
            }
        }
        double best = Arrays.stream(copy).max().getAsDouble();
        return new BernoulliArms(
                copy, Arrays.stream(copy).map(rate -> best - rate).toArray());
    }

    /** How many arms there are, at least 1. */
    public int count() {
        return rates.length;
    }

    /** The rate at which the arm succeeds. */
    public double rate(int arm) {
        return rates[arm];
    }

    /** The best arm's rate less this arm's: the successes lost on average with each decision for it. */
    public double gap(int arm) {
        return gaps[arm];
    }

    /** Whether no arm is better than another. */
    public boolean allEqual() {
        return Arrays.stream(gaps).allMatch(gap -> gap == 0);
    }

    /** The gap of a decision whose arm is drawn with these probabilities. */
    double meanGap(double[] probabilities) {
        double sum = 0;
        for (int k = 0; k < gaps.length; k++) {
            sum += probabilities[k] * gaps[k];
        }
        return sum;
    }

    /** How probably an arm is drawn with these probabilities than which none is better. */
    double bestShare(double[] probabilities) {
        double sum = 0;
        for (int k = 0; k < gaps.length; k++) {
            sum += gaps[k] == 0 ? probabilities[k] : 0;
        }
        return sum;
    }
}
