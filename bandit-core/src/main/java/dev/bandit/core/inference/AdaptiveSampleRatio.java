package dev.bandit.core.inference;

import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.core.numeric.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Sample-ratio mismatch where every decision has propensities of its own: compares how often each arm was chosen with the sum of
 * its logged propensities. With {@code D = sum(1{A} - e)} and {@code V = sum(diag e - e e')}, a sum of martingale differences and
 * its predictable variance, {@code D' V^- D} is approximately chi-squared.
 *
 * <p>V is the Laplacian of a graph in which two arms are joined by {@code sum e_a e_b}. Its off-diagonal elements are all that
 * is kept; removing one arm after another from the graph then gives {@code D' V^- D} in positive terms. The rank is the number
 * of arms less the number of groups of arms that were never on offer together: K - 1 when all are one group. Arms that never
 * had a chance drop out by themselves.
 *
 * <p>Sums are compensated: any order or partition of the decisions gives the same result to 1e-12. Not thread-safe.
 */
public final class AdaptiveSampleRatio {
    /**
     * All that one knows, to be kept and gone on from.
     *
     * @param counts how often each arm was chosen
     * @param gap of each arm: chosen less expected
     * @param joint sum of the product of two arms' propensities, row by row below the diagonal
     * @param impossible whether an arm was chosen that had no chance
     */
    public record State(List<Long> counts, List<Double> gap, List<Double> joint, boolean impossible) {}

    private final int arms;
    private final long[] counts;
    private final CompensatedSums gap;
    private final CompensatedSums joint;
    private boolean impossible;

    /** Of one decision: the arms that had a chance. Kept so that a decision allocates nothing. */
    private final int[] offered;

    /**
     * @param arms how many, at least 1
     * @throws IllegalArgumentException if there is no arm
     */
    public AdaptiveSampleRatio(int arms) {
        if (arms < 1) {
            throw new IllegalArgumentException("arms must be at least 1, but is " + arms);
        }
        this.arms = arms;
        counts = new long[arms];
        gap = new CompensatedSums(arms);
        joint = new CompensatedSums(arms * arms);
        offered = new int[arms];
    }

    /**
     * Goes on from there.
     *
     * @param arms how many; those beyond the ones it knows are new
     * @throws IllegalArgumentException if they are fewer than it knows
     */
    public AdaptiveSampleRatio(int arms, State state) {
        this(arms);
        Require.atLeastKnown(arms, state.counts.size());
        int at = 0;
        for (int k = 0; k < state.counts.size(); k++) {
            counts[k] = state.counts.get(k);
            gap.add(k, state.gap.get(k));
            for (int j = 0; j < k; j++) {
                joint.add(k * arms + j, state.joint.get(at++));
            }
        }
        impossible = state.impossible;
    }

    public State state() {
        List<Double> gaps = new ArrayList<>(arms);
        List<Double> joints = new ArrayList<>(arms * (arms - 1) / 2);
        for (int k = 0; k < arms; k++) {
            gaps.add(gap.get(k));
            for (int j = 0; j < k; j++) {
                joints.add(joint.get(k * arms + j));
            }
        }
        return new State(Arrays.stream(counts).boxed().toList(), gaps, joints, impossible);
    }

    /**
     * One decision.
     *
     * @param arm the one chosen
     * @param propensities the probability of each arm, of sum 1 within 1e-9; 0 for arms that were not eligible
     * @throws IllegalArgumentException if there is no such arm or the propensities are not that
     */
    public void add(int arm, double[] propensities) {
        if (arm < 0 || arm >= arms) {
            throw new IllegalArgumentException("arm must be in [0, " + arms + "), but is " + arm);
        }
        Require.distribution("propensities", propensities, arms);
        counts[arm] = Math.addExact(counts[arm], 1);
        gap.add(arm, 1);
        impossible |= propensities[arm] == 0;
        int size = 0;
        for (int k = 0; k < arms; k++) {
            double propensity = propensities[k];
            if (propensity > 0) {
                gap.add(k, -propensity);
                for (int i = 0; i < size; i++) {
                    joint.add(k * arms + offered[i], propensity * propensities[offered[i]]);
                }
                offered[size++] = k;
            }
        }
    }

    /**
     * Many decisions that shared their propensities.
     *
     * @param chosen how often each arm was, not negative
     * @param propensities the probability of each arm, of sum 1 within 1e-9
     * @throws IllegalArgumentException if the lengths differ or a value is out of its range
     */
    public void add(long[] chosen, double[] propensities) {
        if (chosen.length != arms) {
            throw new IllegalArgumentException("chosen must have " + arms + " values, but has " + chosen.length);
        }
        Require.distribution("propensities", propensities, arms);
        long n = 0;
        for (int k = 0; k < arms; k++) {
            n = Math.addExact(n, Require.count("chosen[" + k + "]", chosen[k]));
        }
        for (int k = 0; k < arms; k++) {
            counts[k] = Math.addExact(counts[k], chosen[k]);
            gap.add(k, (double) chosen[k]);
            gap.add(k, -(double) n * propensities[k]);
            impossible |= chosen[k] > 0 && propensities[k] == 0;
            for (int j = 0; j < k; j++) {
                joint.add(k * arms + j, (double) n * propensities[k] * propensities[j]);
            }
        }
    }

    /**
     * Adds all that the other has gathered, which stays as it is.
     *
     * @throws IllegalArgumentException if it has another number of arms
     */
    public void merge(AdaptiveSampleRatio other) {
        if (other.arms != arms) {
            throw new IllegalArgumentException("The other must have " + arms + " arms, but has " + other.arms);
        }
        for (int k = 0; k < arms; k++) {
            counts[k] = Math.addExact(counts[k], other.counts[k]);
        }
        gap.addAll(other.gap);
        joint.addAll(other.joint);
        impossible |= other.impossible;
    }

    /** Undefined while no decision left a choice (every propensity was 0 or 1) and no impossible arm was chosen. */
    public Optional<SampleRatio> result() {
        return pooledResult(0);
    }

    /**
     * The same with all arms of expected count below {@code leastExpected} taken together as one, for policies without a floor:
     * arms that are hardly ever chosen are too rare for the approximation.
     *
     * @param leastExpected finite, not negative; 5 is customary
     * @throws IllegalArgumentException if it is negative or not finite
     */
    public Optional<SampleRatio> pooledResult(double leastExpected) {
        Require.notNegative("leastExpected", leastExpected);
        int[] group = new int[arms];
        int pool = -1;
        for (int k = 0; k < arms; k++) {
            if (expected(k) < leastExpected) {
                pool = pool < 0 ? k : pool;
                group[k] = pool;
            } else {
                group[k] = k;
            }
        }
        double[] d = new double[arms];
        double[] count = new double[arms];
        double[][] edge = new double[arms][arms];
        for (int k = 0; k < arms; k++) {
            d[group[k]] += gap.get(k);
            count[group[k]] += expected(k);
            for (int j = 0; j < k; j++) {
                if (group[j] != group[k]) {
                    edge[group[k]][group[j]] += joint.get(k * arms + j);
                    edge[group[j]][group[k]] += joint.get(k * arms + j);
                }
            }
        }
        return result(d, count, edge);
    }

    private double expected(int arm) {
        return counts[arm] - gap.get(arm);
    }

    private Optional<SampleRatio> result(double[] d, double[] count, double[][] edge) {
        double statistic = 0;
        double least = Double.POSITIVE_INFINITY;
        int df = 0;
        for (int k = 0; k < arms; k++) {
            if (Arrays.stream(edge[k]).sum() > 0) {
                least = Math.min(least, count[k]);
            }
        }
        for (int k = 0; k < arms; k++) {
            double degree = Arrays.stream(edge[k], k + 1, arms).sum();
            if (degree > 0) {
                statistic += d[k] * (d[k] / degree);
                df++;
                remove(k, degree, d, edge);
            }
        }
        if (impossible) {
            return Optional.of(SampleRatio.of(Double.POSITIVE_INFINITY, df, least));
        }
        return df == 0 ? Optional.empty() : Optional.of(SampleRatio.of(statistic, df, least));
    }

    /** Gaussian elimination of arm k, by which its neighbours become joined to each other. */
    private void remove(int k, double degree, double[] d, double[][] edge) {
        for (int j = k + 1; j < arms; j++) {
            double share = edge[k][j] / degree;
            d[j] += d[k] * share;
            for (int i = k + 1; i < arms; i++) {
                if (i != j) {
                    edge[j][i] += share * edge[k][i];
                }
            }
        }
    }
}
