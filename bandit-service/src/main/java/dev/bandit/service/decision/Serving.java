package dev.bandit.service.decision;

import dev.bandit.core.policy.ArmDistribution;
import dev.bandit.core.policy.Arms;
import dev.bandit.core.policy.EpsilonGreedy;
import dev.bandit.core.policy.FixedSplit;
import dev.bandit.core.policy.Policy;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.policy.TopTwoThompson;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.Propensities;
import dev.bandit.service.posterior.Posteriors;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Everything needed to choose an arm: one version of the posteriors with the propensities that follow from it, computed once. */
final class Serving {

    private static final int MAX_FILTERS = 1_000;

    private final Experiment experiment;
    private final Posteriors posteriors;
    private final Policy policy;
    private final Odds all;
    private final long computeNanos;
    private final Map<Filter, Odds> filtered = new ConcurrentHashMap<>();
    private volatile long confirmedNanos;

    /**
     * What is drawn from, and what goes on record of it.
     *
     * @param arms the places of the arms that may be chosen, ascending
     * @param distribution of these arms
     * @param propensities of all arms; null when there are too many
     */
    record Odds(
            int[] arms,
            ArmDistribution distribution,
            @Nullable Propensities propensities) {}

    /** Sorted indices of the eligible arms. */
    private record Filter(int[] arms) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Filter that && Arrays.equals(arms, that.arms);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(arms);
        }
    }

    /** @param readNanos when the posteriors were asked for, by {@link System#nanoTime} */
    Serving(Experiment experiment, Posteriors posteriors, long readNanos) {
        this.experiment = experiment;
        this.posteriors = posteriors;
        this.policy = policy(experiment.definition());
        this.confirmedNanos = readNanos;
        long start = System.nanoTime();
        this.all = odds(experiment.definition().variants().active());
        this.computeNanos = System.nanoTime() - start;
    }

    private static Policy policy(Definition definition) {
        return switch (definition.policy()) {
            case THOMPSON -> new Thompson();
            case TOP_TWO -> new TopTwoThompson();
            case FIXED -> new FixedSplit();
            case EPSILON_GREEDY -> new EpsilonGreedy(definition.epsilon());
        };
    }

    Experiment experiment() {
        return experiment;
    }

    Posteriors posteriors() {
        return posteriors;
    }

    /** The propensities of all arms that are not paused. */
    Odds all() {
        return all;
    }

    /**
     * The propensities when only some arms may be chosen: filtered before anything is computed, the floor included.
     *
     * @param arms sorted indices, none of them paused
     */
    Odds among(int[] arms) {
        if (arms.length == all.arms.length) {
            return all;
        }
        Filter filter = new Filter(arms);
        Odds known = filtered.get(filter);
        if (known == null) {
            known = odds(arms);
            if (filtered.size() < MAX_FILTERS) {
                filtered.put(filter, known);
            }
        }
        return known;
    }

    private Odds odds(int[] arms) {
        ArmDistribution distribution = distribution(arms);
        double[] byArm = new double[posteriors.alpha().length];
        if (byArm.length > Propensities.MAX_ARMS) {
            return new Odds(arms, distribution, null);
        }
        for (int i = 0; i < arms.length; i++) {
            byArm[arms[i]] = distribution.probability(i);
        }
        return new Odds(arms, distribution, Propensities.of(byArm));
    }

    private ArmDistribution distribution(int[] arms) {
        double[] alpha = new double[arms.length];
        double[] beta = new double[arms.length];
        double[] allocation = new double[arms.length];
        double allocated = 0;
        for (int i = 0; i < arms.length; i++) {
            alpha[i] = posteriors.alpha()[arms[i]];
            beta[i] = posteriors.beta()[arms[i]];
            allocation[i] = experiment.definition().variants().get(arms[i]).allocation();
            allocated += allocation[i];
        }
        if (!(allocated > 0)) {
            // Only arms without a share are eligible: no share is preferred to another.
            Arrays.fill(allocation, 1.0 / arms.length);
        }
        ArmDistribution chosen = policy.distribution(new Arms(alpha, beta, allocation));
        // A floor is for policies that adapt; a fixed split is what was asked for.
        double floor =
                policy instanceof FixedSplit ? 0 : experiment.definition().minAllocation();
        return floor > 0 ? chosen.withFloor(floor) : chosen;
    }

    /** When Redis last said that these are the newest posteriors. */
    long confirmedNanos() {
        return confirmedNanos;
    }

    /** How long the propensities took to compute. */
    long computeNanos() {
        return computeNanos;
    }

    /** Redis, asked at that time, still had these. */
    void confirm(long readNanos) {
        confirmedNanos = readNanos;
    }
}
