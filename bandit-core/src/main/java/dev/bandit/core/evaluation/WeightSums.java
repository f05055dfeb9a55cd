package dev.bandit.core.evaluation;

import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.core.numeric.Require;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * All that rounds on record say before there is a {@linkplain CellRewardModel model}, which is learned from the same sums: so a log
 * is read once. Rewards have few values, known beforehand, and contexts are cells; then arm, cell and reward say everything about a
 * round but its weight, and estimators need no more of many such rounds than a few sums over their weights. Results are those of
 * {@link OffPolicyEvaluation#add} round by round, to 1e-12, for any number of distinct propensities.
 *
 * <p>A round costs three divisions and four additions. Memory: 32 bytes for each bucket, cell, arm and reward, whatever the number of
 * rounds. Not thread-safe: one for each thread, merged.
 */
public final class WeightSums {
    /** Rounds and their weights, by bucket. */
    private static final int COUNT = 0;

    private static final int WEIGHT = 1;
    private static final int BY_BUCKET = 2;

    /** What is not drawn by the bootstrap, by fold. */
    static final int SQUARES = 0;

    static final int SHRUNK = 1;
    static final int ABOVE_TAU = 2;
    static final int ABOVE_CLIP = 3;
    static final int COUNT_ABOVE_CLIP = 4;
    static final int BY_FOLD = 5;

    private final OffPolicySettings settings;
    private final int folds;
    private final double[][] target;
    private final double[] rewards;
    private final int arms;

    /** How many combinations of cell, arm and reward there are. */
    private final int groups;

    /** By cell and arm. */
    private final double[] probability;

    /** Where the groups of a bucket's fold begin. */
    private final int[] foldOf;

    private final CompensatedSums byBucket;
    private final CompensatedSums byFold;
    private final CompensatedSums clipped;
    private final CompensatedSums clippedSquares = new CompensatedSums(1);
    private final double[] least;
    private final double[] most;
    private double leastPropensity = 1;

    /**
     * @param folds of the model, at least 2
     * @param target the policy's probability of each arm, of sum 1 within 1e-9, by cell and arm
     * @param rewards the values that rewards can have, finite, at most 1e100 in size
     * @throws IllegalArgumentException if a value is out of its range
     * @throws ArithmeticException if there are more combinations than an array can have
     */
    public WeightSums(OffPolicySettings settings, int folds, double[][] target, double... rewards) {
        if (folds < 2 || target.length < 1 || target[0].length < 1 || rewards.length < 1) {
            throw new IllegalArgumentException(
                    "There must be at least 2 folds, 1 cell, 1 arm and 1 reward, but there are "
                            + folds + ", " + target.length + ", " + (target.length == 0 ? 0 : target[0].length)
                            + " and "
                            + rewards.length);
        }
        this.settings = settings;
        this.folds = folds;
        this.rewards = rewards.clone();
        this.target = new double[target.length][];
        arms = target[0].length;
        probability = new double[Math.multiplyExact(target.length, arms)];
        for (int cell = 0; cell < target.length; cell++) {
            Require.distribution("target[" + cell + "]", target[cell], arms);
            this.target[cell] = target[cell].clone();
            System.arraycopy(target[cell], 0, probability, cell * arms, arms);
        }
        for (double reward : rewards) {
            OffPolicyEvaluation.requireReward("reward", reward);
        }
        groups = Math.multiplyExact(probability.length, rewards.length);
        byBucket = new CompensatedSums(Math.multiplyExact(Math.multiplyExact(groups, settings.buckets()), BY_BUCKET));
        byFold = new CompensatedSums(Math.multiplyExact(Math.multiplyExact(groups, folds), BY_FOLD));
        clipped = new CompensatedSums(settings.buckets());
        foldOf = new int[settings.buckets()];
        Arrays.setAll(foldOf, bucket -> bucket % folds * groups);
        least = new double[groups * folds];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        most = new double[groups * folds];
        Arrays.fill(most, Double.NEGATIVE_INFINITY);
    }

    /**
     * Goes on from {@link #state}.
     *
     * @param state of sums with the same settings, folds, policy and rewards
     * @throws IllegalArgumentException if it is not as long as theirs
     */
    public static WeightSums of(
            OffPolicySettings settings, int folds, double[][] target, double[] rewards, double[] state) {
        WeightSums sums = new WeightSums(settings, folds, target, rewards);
        DoubleBuffer in = DoubleBuffer.wrap(state);
        if (state.length != sums.size()) {
            throw new IllegalArgumentException(
                    "A state of these has " + sums.size() + " numbers, but this has " + state.length);
        }
        for (CompensatedSums part : sums.parts()) {
            double[] numbers = new double[2 * part.size()];
            in.get(numbers);
            part.addAll(CompensatedSums.of(numbers));
        }
        in.get(sums.least).get(sums.most);
        sums.leastPropensity = in.get();
        return sums;
    }

    /** All that is known but what was known beforehand, in a form that can be sent anywhere. Some of the numbers may be infinite. */
    public double[] state() {
        DoubleBuffer out = DoubleBuffer.allocate(size());
        parts().forEach(part -> out.put(part.state()));
        return out.put(least).put(most).put(leastPropensity).array();
    }

    private List<CompensatedSums> parts() {
        return List.of(byBucket, byFold, clipped, clippedSquares);
    }

    private int size() {
        return parts().stream().mapToInt(part -> 2 * part.size()).sum() + 2 * least.length + 1;
    }

    /**
     * One round.
     *
     * @param bucket from 0 to the number of buckets less 1
     * @param arm the one chosen
     * @param cell where
     * @param reward which of the rewards, from 0
     * @param propensity with which the arm was chosen, in (0, 1], and at least 1e-15 times the target policy's probability
     * @throws IllegalArgumentException if a value is out of its range; nothing has changed then
     */
    public void add(int bucket, int arm, int cell, int reward, double propensity) {
        if (bucket < 0
                || bucket >= foldOf.length
                || arm < 0
                || arm >= arms
                || cell < 0
                || cell >= target.length
                || reward < 0
                || reward >= rewards.length) {
            throw outside(bucket, arm, cell, reward);
        }
        int choice = cell * arms + arm;
        double w = probability[choice] / propensity;
        if (!(propensity > 0 && propensity <= 1 && w <= OffPolicyEvaluation.MOST_WEIGHT)) {
            throw new IllegalArgumentException("propensity must be above 0 and at most 1, and 1e-15 times "
                    + probability[choice] + " or more, but is " + propensity);
        }
        leastPropensity = Math.min(leastPropensity, propensity);
        int group = choice * rewards.length + reward;
        int at = (bucket * groups + group) * BY_BUCKET;
        byBucket.add(at + COUNT, 1);
        byBucket.add(at + WEIGHT, w);
        int inFold = foldOf[bucket] + group;
        int from = inFold * BY_FOLD;
        byFold.addProduct(from + SQUARES, w, w);
        byFold.add(from + SHRUNK, settings.shrunk(w));
        least[inFold] = Math.min(least[inFold], w);
        most[inFold] = Math.max(most[inFold], w);
        if (w > settings.tau()) {
            byFold.add(from + ABOVE_TAU, w);
        }
        if (w > settings.clip()) {
            byFold.add(from + ABOVE_CLIP, w);
            byFold.add(from + COUNT_ABOVE_CLIP, 1);
        }
        if (rewards[reward] != 0) {
            // Most rounds of most logs have none.
            double x = settings.clipped(w) * rewards[reward];
            clipped.add(bucket, x);
            clippedSquares.addProduct(0, x, x);
        }
    }

    private IllegalArgumentException outside(int bucket, int arm, int cell, int reward) {
        return new IllegalArgumentException("bucket, arm, cell and reward must be from 0 and below " + foldOf.length
                + ", "
                + arms + ", " + target.length + " and " + rewards.length + ", but are " + bucket + ", " + arm + ", "
                + cell + " and " + reward);
    }

    /**
     * The rounds of the others as well.
     *
     * @throws IllegalArgumentException if they are of other settings, folds, policy or rewards
     */
    public void merge(WeightSums other) {
        if (!settings.equals(other.settings)
                || folds != other.folds
                || !Arrays.deepEquals(target, other.target)
                || !Arrays.equals(rewards, other.rewards)) {
            throw new IllegalArgumentException(
                    "Only what has the same settings, folds, target and rewards can be merged");
        }
        byBucket.addAll(other.byBucket);
        byFold.addAll(other.byFold);
        clipped.addAll(other.clipped);
        clippedSquares.addAll(other.clippedSquares);
        for (int i = 0; i < least.length; i++) {
            least[i] = Math.min(least[i], other.least[i]);
            most[i] = Math.max(most[i], other.most[i]);
        }
        leastPropensity = Math.min(leastPropensity, other.leastPropensity);
    }

    /** The smallest propensity so far; 1 without rounds. */
    public double leastPropensity() {
        return leastPropensity;
    }

    /** The mean reward of the rounds so far, that of the policy that decided; NaN without any. */
    public double meanReward() {
        CompensatedSums sums = new CompensatedSums(2);
        for (int i = 0; i < settings.buckets() * groups; i++) {
            double count = byBucket.get(i * BY_BUCKET + COUNT);
            sums.add(0, count);
            sums.addProduct(1, count, rewards[i % rewards.length]);
        }
        return sums.get(1) / sums.get(0);
    }

    /** A model that has learned from all rounds so far. */
    public CellRewardModel model() {
        CellRewardModel model = new CellRewardModel(arms, target.length, folds);
        for (int bucket = 0; bucket < settings.buckets(); bucket++) {
            for (int group = 0; group < groups; group++) {
                long count = (long) byBucket.get((bucket * groups + group) * BY_BUCKET + COUNT);
                if (count > 0) {
                    int choice = group / rewards.length;
                    model.add(bucket, choice % arms, choice / arms, rewards[group % rewards.length], count);
                }
            }
        }
        return model;
    }

    /**
     * The rounds so far with a model's predictions.
     *
     * @param predictions of a model with the same arms, cells and folds
     * @throws IllegalArgumentException if it has fewer of them
     */
    public OffPolicyEvaluation evaluation(CellRewardModel.Predictions predictions) {
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
        for (int fold = 0; fold < folds; fold++) {
            for (int cell = 0; cell < target.length; cell++) {
                double expected = predictions.expected(fold, cell, target[cell]);
                for (int arm = 0; arm < arms; arm++) {
                    double predicted = predictions.predicted(fold, arm, cell);
                    int group = (cell * arms + arm) * rewards.length;
                    for (double reward : rewards) {
                        add(evaluation, fold, group++, reward, predicted, expected);
                    }
                }
            }
        }
        evaluation.addClipped(clipped, clippedSquares);
        return evaluation;
    }

    private void add(
            OffPolicyEvaluation evaluation, int fold, int group, double reward, double predicted, double expected) {
        int inFold = fold * groups + group;
        if (most[inFold] < least[inFold]) {
            return;
        }
        for (int bucket = fold; bucket < settings.buckets(); bucket += folds) {
            int at = (bucket * groups + group) * BY_BUCKET;
            double count = byBucket.get(at + COUNT);
            if (count > 0) {
                evaluation.addWeights(bucket, reward, predicted, expected, count, byBucket, at + WEIGHT);
            }
        }
        evaluation.addSquares(reward, predicted, expected, this, inFold);
    }

    CompensatedSums byFold() {
        return byFold;
    }

    double least(int group) {
        return least[group];
    }

    double most(int group) {
        return most[group];
    }
}
