package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Optional;

/**
 * An arm's mean reward under adaptive allocation: augmented inverse propensity weighting with adaptive weights (V. Hadad, D.
 * Hirshberg, R. Zhan, S. Wager and S. Athey, <i>Confidence intervals for policy evaluation in adaptive experiments</i>, 2021).
 * Every decision scores every arm a,
 *
 * <pre>Gamma_t(a) = m_{t-1}(a) + 1{A_t = a} (Y_t - m_{t-1}(a)) / e_t(a)</pre>
 *
 * with m the mean of the arm's earlier rewards (1/2 before there is one) and e its propensity; the estimate is
 * {@code Q = sum(h Gamma) / sum(h)}, its standard error {@code sqrt(sum(h^2 (Gamma - Q)^2)) / sum(h)}.
 *
 * <p>Where rewards come after their decisions have been added, m is 0 instead, so that a reward can be added later:
 * {@link Prediction#NOTHING}. That is plain inverse propensity weighting, with wider intervals.
 *
 * <p>One object per arm, told of every decision in the order in which they were made: m must be known before the decision. That
 * is why two of them cannot be merged. Decisions for which the arm had no chance say nothing about it and are passed over.
 * The scores of two arms are uncorrelated in the limit, so that {@link Estimate#minus} compares them. Not thread-safe.
 */
public final class AdaptiveMean {
    /** How decisions are weighted. */
    public enum Weighting {
        /** h = 1: unbiased, but with heavy tails when propensities become small. */
        UNIFORM {
            @Override
            double weight(double propensity) {
                return 1;
            }
        },
        /** h = sqrt(e): evens the variance of the scores out, so that the estimate is approximately normal. */
        SQRT_PROPENSITY {
            @Override
            double weight(double propensity) {
                return Math.sqrt(propensity);
            }
        };

        abstract double weight(double propensity);
    }

    /** What m is: the reward that is expected of an arm before it is chosen. */
    public enum Prediction {
        /** The mean of its earlier rewards. */
        RUNNING_MEAN,
        /** 0, for rewards that are 0 until they come: see {@link #rewarded}. */
        NOTHING
    }

    /**
     * All that one knows, to be kept and gone on from.
     *
     * @param rewards how often the arm was chosen
     * @param meanReward m
     * @param weight sum of h
     * @param estimate mean of Gamma with weights h
     * @param squareWeight sum of h^2
     * @param squareMean mean of Gamma with weights h^2
     * @param squares squared distances from it, with these weights
     */
    public record State(
            long rewards,
            double meanReward,
            double weight,
            double estimate,
            double squareWeight,
            double squareMean,
            double squares) {}

    /** Of each reward that comes later, relative to its square. */
    private static final double ROUNDING = 4e-15;

    private final Weighting weighting;
    private final Prediction prediction;
    private long rewards;
    private double meanReward;

    /** Sum of h, and the mean of Gamma with weights h. */
    private double weight;

    private double estimate;

    /** Sum of h^2, and mean and squared distances of Gamma with weights h^2 (D. H. D. West 1979): no large sums to subtract. */
    private double squareWeight;

    private double squareMean;
    private double squares;

    /** Predicts by the running mean. */
    public AdaptiveMean(Weighting weighting) {
        this(weighting, Prediction.RUNNING_MEAN);
    }

    public AdaptiveMean(Weighting weighting, Prediction prediction) {
        this.weighting = weighting;
        this.prediction = prediction;
        this.meanReward = prediction == Prediction.NOTHING ? 0 : 0.5;
    }

    /** Goes on from there. */
    public AdaptiveMean(Weighting weighting, Prediction prediction, State state) {
        this.weighting = weighting;
        this.prediction = prediction;
        rewards = state.rewards;
        meanReward = state.meanReward;
        weight = state.weight;
        estimate = state.estimate;
        squareWeight = state.squareWeight;
        squareMean = state.squareMean;
        squares = state.squares;
    }

    public State state() {
        return new State(rewards, meanReward, weight, estimate, squareWeight, squareMean, squares);
    }

    /**
     * A decision for this arm.
     *
     * @param propensity with which it was chosen, in (0, 1]
     * @param reward in [0, 1]
     * @throws IllegalArgumentException if a value is out of its range
     */
    public void chosen(double propensity, double reward) {
        requireChance(propensity);
        Require.unit("reward", reward);
        score(propensity, meanReward + (reward - meanReward) / propensity);
        rewards++;
        if (prediction == Prediction.NOTHING) {
            return;
        }
        meanReward = rewards == 1 ? reward : meanReward + (reward - meanReward) / rewards;
    }

    /**
     * A decision for another arm.
     *
     * @param propensity with which this arm would have been chosen, in [0, 1]
     * @throws IllegalArgumentException if it is outside [0, 1]
     */
    public void passedOver(double propensity) {
        if (Require.unit("propensity", propensity) > 0) {
            score(propensity, meanReward);
        }
    }

    /**
     * A decision for this arm that was added with the reward 0 has one after all. With {@link Prediction#NOTHING} only.
     *
     * @param propensity with which it was chosen, in (0, 1]
     * @param reward in [0, 1]
     * @throws IllegalStateException with another prediction, or if the arm was never chosen
     * @throws IllegalArgumentException if a value is out of its range
     */
    public void rewarded(double propensity, double reward) {
        if (prediction != Prediction.NOTHING) {
            throw new IllegalStateException("Only what was predicted to be nothing can be rewarded later");
        }
        if (rewards == 0) {
            throw new IllegalStateException("Only a decision that was added can be rewarded");
        }
        requireChance(propensity);
        Require.unit("reward", reward);
        double gamma = reward / propensity;
        double h = weighting.weight(propensity);
        estimate += h / weight * gamma;
        double before = squareMean;
        squareMean += h * h / squareWeight * gamma;
        squares += h * h * gamma * gamma - squareWeight * (squareMean - before) * (squareMean + before);
    }

    private static void requireChance(double propensity) {
        if (!(propensity > 0 && propensity <= 1)) {
            throw new IllegalArgumentException("propensity must be above 0 and at most 1, but is " + propensity);
        }
    }

    private void score(double propensity, double gamma) {
        double h = weighting.weight(propensity);
        weight += h;
        estimate += h / weight * (gamma - estimate);
        squareWeight += h * h;
        double distance = gamma - squareMean;
        squareMean += h * h / squareWeight * distance;
        squares += h * h * distance * (gamma - squareMean);
    }

    /** How often the arm was chosen. */
    public long rewards() {
        return rewards;
    }

    /** Undefined while the arm was never chosen or all of its scores are equal. */
    public Optional<Estimate> estimate() {
        double gap = estimate - squareMean;
        double variance = squares + squareWeight * gap * gap;
        // Equal scores, given one by one, leave squares of the size of rounding.
        double rounding =
                prediction == Prediction.NOTHING ? ROUNDING * rewards * squareWeight * squareMean * squareMean : 0;
        return rewards == 0 || !(variance > rounding)
                ? Optional.empty()
                : Optional.of(new Estimate(estimate, Math.sqrt(variance) / weight));
    }
}
