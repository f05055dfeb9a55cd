package dev.bandit.core.evaluation;

import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.core.numeric.Require;

/**
 * The reward model behind {@link Estimator#DM} and its kin: the mean reward of every arm in every cell of contexts (a position,
 * a country, or one cell for all), cross-fitted: a round's prediction comes from the rounds of the other folds alone, so that no
 * reward predicts itself. The fold of a round is its bucket modulo the number of folds.
 *
 * <p>A cell's mean is drawn towards the arm's by one round's worth, and the arm's in the same way towards that of
 * all: an arm that was not tried in a cell is expected to do what it does elsewhere. Where there is nothing to learn from, 0.
 *
 * <p>Like {@link OffPolicyEvaluation}, counts come in any order and merge; they are needed before it. Not thread-safe.
 */
public final class CellRewardModel {
    /** Rounds that the prior mean counts for: enough for a cell without any, little bias elsewhere. */
    static final double PRIOR = 1;

    private static final double MOST_REWARD = 1e100;

    private final int arms;
    private final int cells;
    private final int folds;

    /** By fold, cell and arm: rounds and sum of rewards. */
    private final CompensatedSums sums;

    /**
     * @param arms at least 1
     * @param cells at least 1
     * @param folds at least 2; 5 or so
     * @throws IllegalArgumentException if one of them is less
     * @throws ArithmeticException if they are more together than an array can have
     */
    public CellRewardModel(int arms, int cells, int folds) {
        if (arms < 1 || cells < 1 || folds < 2) {
            throw new IllegalArgumentException("There must be at least 1 arm, 1 cell and 2 folds, but there are " + arms
                    + ", " + cells + " and " + folds);
        }
        this.arms = arms;
        this.cells = cells;
        this.folds = folds;
        sums = new CompensatedSums(Math.multiplyExact(2, Math.multiplyExact(folds, Math.multiplyExact(cells, arms))));
    }

    /**
     * Goes on from {@link #state}.
     *
     * @throws IllegalArgumentException if it is no state of as many arms, cells and folds
     */
    public static CellRewardModel of(int arms, int cells, int folds, double[] state) {
        CellRewardModel model = new CellRewardModel(arms, cells, folds);
        model.sums.addAll(CompensatedSums.of(state));
        return model;
    }

    /** All that is known but the numbers of arms, cells and folds, in a form that can be sent anywhere. */
    public double[] state() {
        return sums.state();
    }

    /**
     * Equal rounds.
     *
     * @param bucket not negative
     * @param arm the one chosen
     * @param cell where
     * @param reward finite, at most 1e100 in size
     * @param count how many, at least 1
     * @throws IllegalArgumentException if a value is out of its range; nothing has changed then
     */
    public void add(int bucket, int arm, int cell, double reward, long count) {
        int at = 2 * requireIndex(fold(bucket), cell, arm);
        if (!(Math.abs(reward) <= MOST_REWARD)) {
            throw new IllegalArgumentException("reward must be a number of at most 1e100 in size, but is " + reward);
        }
        if (count < 1) {
            throw new IllegalArgumentException("count must be at least 1, but is " + count);
        }
        sums.add(at, (double) count);
        sums.addProduct(at + 1, (double) count, reward);
    }

    private int fold(int bucket) {
        if (bucket < 0) {
            throw new IllegalArgumentException("bucket must not be negative, but is " + bucket);
        }
        return bucket % folds;
    }

    private int requireIndex(int fold, int cell, int arm) {
        if (arm < 0 || arm >= arms) {
            throw new IllegalArgumentException("arm must be in [0, " + arms + "), but is " + arm);
        }
        if (cell < 0 || cell >= cells) {
            throw new IllegalArgumentException("cell must be in [0, " + cells + "), but is " + cell);
        }
        return (fold * cells + cell) * arms + arm;
    }

    /**
     * The counts of the other model as well.
     *
     * @throws IllegalArgumentException if it has another number of arms, cells or folds
     */
    public void merge(CellRewardModel other) {
        if (other.arms != arms || other.cells != cells || other.folds != folds) {
            throw new IllegalArgumentException("Only a model of " + arms + " arms, " + cells + " cells and " + folds
                    + " folds can be merged, but this has " + other.arms + ", " + other.cells + " and " + other.folds);
        }
        sums.addAll(other.sums);
    }

    /**
     * The share of a policy's choices, over the contexts on record, of which there is none on record.
     *
     * @param target the policy's probability of each arm, of sum 1 within 1e-9, by cell and arm
     * @return in [0, 1]; 0 without rounds
     * @throws IllegalArgumentException if it is not that
     */
    public double untried(double[][] target) {
        if (target.length != cells) {
            throw new IllegalArgumentException("target must have " + cells + " cells, but has " + target.length);
        }
        double all = 0;
        double untried = 0;
        for (int cell = 0; cell < cells; cell++) {
            Require.distribution("target[" + cell + "]", target[cell], arms);
            double rounds = 0;
            double mass = 0;
            for (int arm = 0; arm < arms; arm++) {
                double tried = 0;
                for (int fold = 0; fold < folds; fold++) {
                    tried += sums.get(2 * requireIndex(fold, cell, arm));
                }
                rounds += tried;
                mass += tried == 0 ? target[cell][arm] : 0;
            }
            all += rounds;
            untried += rounds * Math.min(1, mass);
        }
        return all == 0 ? 0 : untried / all;
    }

    /** Predictions from the counts so far. */
    public Predictions predictions() {
        double[] means = new double[folds * cells * arms];
        for (int fold = 0; fold < folds; fold++) {
            CompensatedSums others = others(fold);
            CompensatedSums byArm = new CompensatedSums(2 * arms);
            CompensatedSums overall = new CompensatedSums(2);
            for (int i = 0; i < others.size(); i++) {
                byArm.add(i % (2 * arms), others, i);
                overall.add(i % 2, others, i);
            }
            double all = overall.get(0) == 0 ? 0 : overall.get(1) / overall.get(0);
            for (int arm = 0; arm < arms; arm++) {
                double mean = (byArm.get(2 * arm + 1) + PRIOR * all) / (byArm.get(2 * arm) + PRIOR);
                for (int cell = 0; cell < cells; cell++) {
                    int at = 2 * (cell * arms + arm);
                    means[requireIndex(fold, cell, arm)] =
                            (others.get(at + 1) + PRIOR * mean) / (others.get(at) + PRIOR);
                }
            }
        }
        return new Predictions(means);
    }

    /** By cell and arm, the sums of all folds but this one. */
    private CompensatedSums others(int fold) {
        int size = 2 * cells * arms;
        CompensatedSums others = new CompensatedSums(size);
        for (int i = 0; i < sums.size(); i++) {
            if (i / size != fold) {
                others.add(i % size, sums, i);
            }
        }
        return others;
    }

    /** What the model predicts of rounds. Does not change. */
    public final class Predictions {
        private final double[] means;

        private Predictions(double[] means) {
            this.means = means;
        }

        /**
         * The reward of a round of this bucket.
         *
         * @throws IllegalArgumentException if there is no such arm or cell, or the bucket is negative
         */
        public double predicted(int bucket, int arm, int cell) {
            return means[requireIndex(fold(bucket), cell, arm)];
        }

        /**
         * The mean reward if a policy chose in this round.
         *
         * @param target the policy's probability of each arm, of sum 1 within 1e-9
         * @throws IllegalArgumentException if it is not that, there is no such cell, or the bucket is negative
         */
        public double expected(int bucket, int cell, double[] target) {
            Require.distribution("target", target, arms);
            int at = requireIndex(fold(bucket), cell, 0);
            double sum = 0;
            for (int arm = 0; arm < arms; arm++) {
                sum += target[arm] * means[at + arm];
            }
            return sum;
        }
    }
}
