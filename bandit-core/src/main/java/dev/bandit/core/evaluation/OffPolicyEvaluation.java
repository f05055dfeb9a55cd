package dev.bandit.core.evaluation;

import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.core.numeric.Require;
import java.util.Arrays;

/**
 * All {@linkplain Estimator estimators} of a target policy's mean reward in one pass over the rounds on record, in any order and
 * in any number of parts that are merged: results agree to 1e-12.
 *
 * <p>Every round is in a bucket that never changes, a hash of its decision's or its unit's name modulo their number. Buckets
 * decide which fold of the {@linkplain CellRewardModel reward model} a round gets its prediction from, and the bootstrap draws
 * whole buckets; by unit, it knows that rounds of a unit are alike.
 *
 * <p>A round costs some dozens of additions and allocates nothing. Not thread-safe: one for each thread, merged.
 */
public final class OffPolicyEvaluation {
    static final double MOST_WEIGHT = 1e15;
    private static final double MOST_REWARD = 1e100;
    private static final long MOST_ROUNDS = 1L << 53;

    private final OffPolicySettings settings;

    /** Bucket by bucket. */
    private final CompensatedSums sums;

    /** Of all rounds. */
    private final CompensatedSums overall;

    private final double[] extremes;

    public OffPolicyEvaluation(OffPolicySettings settings) {
        this.settings = settings;
        sums = new CompensatedSums(Terms.BY_BUCKET * settings.buckets());
        overall = new CompensatedSums(Terms.OVERALL);
        extremes = new double[Terms.EXTREMES];
        Arrays.fill(extremes, Terms.LOWEST, Terms.HIGHEST, Double.POSITIVE_INFINITY);
        Arrays.fill(extremes, Terms.HIGHEST, Terms.MAX_WEIGHT, Double.NEGATIVE_INFINITY);
    }

    private OffPolicyEvaluation(OffPolicySettings settings, double[] state) {
        int first = 2 * Terms.BY_BUCKET * settings.buckets();
        int second = first + 2 * Terms.OVERALL;
        if (state.length != second + Terms.EXTREMES) {
            throw new IllegalArgumentException("A state of " + settings.buckets() + " buckets has "
                    + (second + Terms.EXTREMES) + " numbers, but this has " + state.length);
        }
        this.settings = settings;
        sums = CompensatedSums.of(Arrays.copyOf(state, first));
        overall = CompensatedSums.of(Arrays.copyOfRange(state, first, second));
        extremes = Arrays.copyOfRange(state, second, state.length);
    }

    /**
     * Goes on from {@link #state}.
     *
     * @param settings the same as there
     * @throws IllegalArgumentException if it is no state of as many buckets
     */
    public static OffPolicyEvaluation of(OffPolicySettings settings, double[] state) {
        return new OffPolicyEvaluation(settings, state);
    }

    /** All that is known but the settings, in a form that can be sent anywhere. Some of the numbers may be infinite. */
    public double[] state() {
        double[] first = sums.state();
        double[] second = overall.state();
        double[] state = Arrays.copyOf(first, first.length + second.length + Terms.EXTREMES);
        System.arraycopy(second, 0, state, first.length, second.length);
        System.arraycopy(extremes, 0, state, first.length + second.length, Terms.EXTREMES);
        return state;
    }

    /**
     * Equal rounds.
     *
     * @param bucket from 0 to the number of buckets less 1
     * @param reward finite, at most 1e100 in size
     * @param propensity with which the arm was chosen, in (0, 1]
     * @param target with which the target policy would have chosen that arm, in [0, 1]; at most 1e15 times the propensity
     * @param predicted the model's prediction of the reward, in the range of the reward; 0 without a model
     * @param expected sum over all arms of the target policy's probability times the model's prediction, in the same range
     * @param count how many, from 1 to 2^53
     * @throws IllegalArgumentException if a value is out of its range; nothing has changed then
     */
    public void add(
            int bucket,
            double reward,
            double propensity,
            double target,
            double predicted,
            double expected,
            long count) {
        if (bucket < 0 || bucket >= settings.buckets()) {
            throw new IllegalArgumentException("bucket must be in [0, " + settings.buckets() + "), but is " + bucket);
        }
        requireReward("reward", reward);
        requireReward("predicted", predicted);
        requireReward("expected", expected);
        Require.unit("target", target);
        if (!(propensity > 0 && propensity <= 1)) {
            throw new IllegalArgumentException("propensity must be above 0 and at most 1, but is " + propensity);
        }
        if (count < 1 || count > MOST_ROUNDS) {
            throw new IllegalArgumentException("count must be from 1 to 2^53, but is " + count);
        }
        double w = target / propensity;
        if (!(w <= MOST_WEIGHT)) {
            throw new IllegalArgumentException(
                    "target must be at most 1e15 times the propensity, but they are " + target + " and " + propensity);
        }
        add(bucket, reward, w, predicted, expected, (double) count);
    }

    static void requireReward(String name, double value) {
        if (!(Math.abs(value) <= MOST_REWARD)) {
            throw new IllegalArgumentException(name + " must be a number of at most 1e100 in size, but is " + value);
        }
    }

    private void add(int bucket, double reward, double w, double predicted, double expected, double count) {
        int at = bucket * Terms.BY_BUCKET;
        double error = reward - predicted;
        double x = w * reward;
        double clippedX = settings.clipped(w) * reward;
        double c = w * error;
        double clippedC = settings.clipped(w) * error;
        double switchedC = settings.switched(w) * error;
        double shrunkC = settings.shrunk(w) * error;
        sums.add(at + Terms.N, count);
        sums.addProduct(at + Terms.W, count, w);
        sums.addProduct(at + Terms.M, count, expected);
        sums.addProduct(at + Terms.C, count, c);
        overall.addProduct(Terms.overall(Terms.CLIPPED_C), count, clippedC);
        overall.addProduct(Terms.overall(Terms.SWITCHED_C), count, switchedC);
        overall.addProduct(Terms.overall(Terms.SHRUNK_C), count, shrunkC);
        overall.addProduct(Terms.WW, count, w, w);
        overall.addProduct(Terms.MM, count, expected, expected);
        overall.addProduct(Terms.MC, count, expected, c);
        overall.addProduct(Terms.CC, count, c, c);
        overall.addProduct(Terms.MW, count, expected, w);
        overall.addProduct(Terms.CW, count, c, w);
        if (reward != 0) {
            // Most rounds of most logs have none.
            sums.addProduct(at + Terms.X, count, x);
            sums.addProduct(at + Terms.CLIPPED_X, count, clippedX);
            overall.addProduct(Terms.XX, count, x, x);
            overall.addProduct(Terms.XW, count, x, w);
            overall.addProduct(Terms.CLIPPED_XX, count, clippedX, clippedX);
        }
        extreme(0, x);
        extreme(1, clippedX);
        extreme(2, expected + c);
        extremes[Terms.MAX_WEIGHT] = Math.max(extremes[Terms.MAX_WEIGHT], w);
    }

    /**
     * Rounds that differ in their weights alone.
     *
     * @param count how many
     * @param weights one of its sums is that of their weights
     */
    void addWeights(
            int bucket,
            double reward,
            double predicted,
            double expected,
            double count,
            CompensatedSums weights,
            int from) {
        int at = bucket * Terms.BY_BUCKET;
        double error = reward - predicted;
        sums.add(at + Terms.N, count);
        sums.add(at + Terms.W, weights, from);
        sums.addProduct(at + Terms.X, weights, from, reward, 1);
        sums.addProduct(at + Terms.M, count, expected);
        sums.addProduct(at + Terms.C, weights, from, error, 1);
        overall.addProduct(Terms.overall(Terms.CLIPPED_C), weights, from, error, 1);
        overall.addProduct(Terms.overall(Terms.SWITCHED_C), weights, from, error, 1);
        overall.addProduct(Terms.MM, count, expected, expected);
        overall.addProduct(Terms.MC, weights, from, expected, error);
        overall.addProduct(Terms.MW, weights, from, expected, 1);
    }

    /** What else those rounds need, of all buckets that share a prediction. */
    void addSquares(double reward, double predicted, double expected, WeightSums weights, int group) {
        double error = reward - predicted;
        CompensatedSums from = weights.byFold();
        int at = group * WeightSums.BY_FOLD;
        overall.addProduct(Terms.overall(Terms.CLIPPED_C), from, at + WeightSums.ABOVE_CLIP, -error, 1);
        if (from.get(at + WeightSums.COUNT_ABOVE_CLIP) > 0) {
            overall.addProduct(
                    Terms.overall(Terms.CLIPPED_C), from, at + WeightSums.COUNT_ABOVE_CLIP, settings.clip(), error);
        }
        overall.addProduct(Terms.overall(Terms.SWITCHED_C), from, at + WeightSums.ABOVE_TAU, -error, 1);
        overall.addProduct(Terms.overall(Terms.SHRUNK_C), from, at + WeightSums.SHRUNK, error, 1);
        int squares = at + WeightSums.SQUARES;
        overall.add(Terms.WW, from, squares);
        overall.addProduct(Terms.XX, from, squares, reward, reward);
        overall.addProduct(Terms.XW, from, squares, reward, 1);
        overall.addProduct(Terms.CC, from, squares, error, error);
        overall.addProduct(Terms.CW, from, squares, error, 1);
        for (double w : new double[] {weights.least(group), weights.most(group)}) {
            extreme(0, w * reward);
            extreme(1, settings.clipped(w) * reward);
            extreme(2, expected + w * error);
            extremes[Terms.MAX_WEIGHT] = Math.max(extremes[Terms.MAX_WEIGHT], w);
        }
    }

    /** What clipping leaves of the rewards, times their weights. */
    void addClipped(CompensatedSums byBucket, CompensatedSums squares) {
        for (int bucket = 0; bucket < settings.buckets(); bucket++) {
            sums.add(bucket * Terms.BY_BUCKET + Terms.CLIPPED_X, byBucket, bucket);
        }
        overall.add(Terms.CLIPPED_XX, squares, 0);
    }

    private void extreme(int place, double term) {
        extremes[Terms.LOWEST + place] = Math.min(extremes[Terms.LOWEST + place], term);
        extremes[Terms.HIGHEST + place] = Math.max(extremes[Terms.HIGHEST + place], term);
    }

    /**
     * The rounds of the other evaluation as well.
     *
     * @throws IllegalArgumentException if its settings differ
     */
    public void merge(OffPolicyEvaluation other) {
        if (!settings.equals(other.settings)) {
            throw new IllegalArgumentException("Only what has the same settings can be merged, but they are " + settings
                    + " and " + other.settings);
        }
        sums.addAll(other.sums);
        overall.addAll(other.overall);
        for (int i = 0; i < Terms.EXTREMES; i++) {
            extremes[i] = i < Terms.HIGHEST
                    ? Math.min(extremes[i], other.extremes[i])
                    : Math.max(extremes[i], other.extremes[i]);
        }
    }

    /** What the rounds so far say. */
    public OffPolicyResult result() {
        return new OffPolicyResult(settings, sums, overall, extremes.clone());
    }
}
