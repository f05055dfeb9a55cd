package dev.bandit.core.evaluation;

/**
 * How weights are tamed. Infinity leaves them as they are, 0 takes the model alone.
 *
 * @param clip largest weight of {@link Estimator#CLIPPED_IPW} and {@link Estimator#CLIPPED_DR}, not negative
 * @param tau weights above it are left to the model by {@link Estimator#SWITCH_DR}, not negative
 * @param lambda of {@link Estimator#DROS}: weights above its root count less the larger they are, not negative
 * @param buckets into how many rounds are put, from 1 to 65,536: see {@link OffPolicyEvaluation}
 */
public record OffPolicySettings(double clip, double tau, double lambda, int buckets) {
    /** Weights matter up to about 10. */
    public static final OffPolicySettings DEFAULT = new OffPolicySettings(10, 10, 100, 256);

    private static final int MOST_BUCKETS = 65_536;

    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public OffPolicySettings {
        requireNotNegative("clip", clip);
        requireNotNegative("tau", tau);
        requireNotNegative("lambda", lambda);
        if (buckets < 1 || buckets > MOST_BUCKETS) {
            throw new IllegalArgumentException("buckets must be from 1 to " + MOST_BUCKETS + ", but are " + buckets);
        }
    }

    private static void requireNotNegative(String name, double value) {
        if (!(value >= 0)) {
            throw new IllegalArgumentException(name + " must not be negative, but is " + value);
        }
    }

    double clipped(double weight) {
        return Math.min(weight, clip);
    }

    double switched(double weight) {
        return weight <= tau ? weight : 0;
    }

    double shrunk(double weight) {
        return weight == 0 || lambda == 0 ? 0 : weight / (weight * weight / lambda + 1);
    }
}
