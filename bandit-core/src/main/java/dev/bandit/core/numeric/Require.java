package dev.bandit.core.numeric;

/** Guards that name the value and catch NaN: each throws an {@link IllegalArgumentException} or lets it pass. */
public final class Require {
    private Require() {}

    public static double finite(String name, double value) {
        if (!(Math.abs(value) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " must be finite, but is " + value);
        }
        return value;
    }

    public static double inside(String name, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be between 0 and 1, but is " + value);
        }
        return value;
    }

    public static double unit(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1], but is " + value);
        }
        return value;
    }

    public static double notNegative(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " must be finite and not negative, but is " + value);
        }
        return value;
    }

    public static long count(String name, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(name + " must not be negative, but is " + value);
        }
        return value;
    }

    /** Arms are added, never taken away. */
    public static void atLeastKnown(int arms, int known) {
        if (arms < known) {
            throw new IllegalArgumentException("arms must be at least the " + known + " of the state, but is " + arms);
        }
    }

    /** One probability per arm, of sum 1 within 1e-9. */
    public static void distribution(String name, double[] shares, int arms) {
        if (shares.length != arms) {
            throw new IllegalArgumentException(
                    name + " must have one value per arm, but has " + shares.length + " for " + arms + " arms");
        }
        double sum = 0;
        for (int k = 0; k < arms; k++) {
            if (!(shares[k] >= 0 && shares[k] <= 1)) {
                unit(name + "[" + k + "]", shares[k]);
            }
            sum += shares[k];
        }
        if (!(Math.abs(sum - 1) <= 1e-9)) {
            throw new IllegalArgumentException(name + " must sum to 1, but sums to " + sum);
        }
    }
}
