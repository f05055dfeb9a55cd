package dev.bandit.core.sampling;

/** Draws an index from a discrete distribution by inversion of its cumulative probabilities. */
public final class Categorical {
    private Categorical() {}

    /**
     * The first index whose cumulative probability exceeds {@code u}; an index of probability 0 is never drawn.
     *
     * @param cumulative ascending, of length at least 1, the last value above every u (1 for a distribution)
     * @param u uniform in [0, 1)
     * @throws IllegalArgumentException if u is outside [0, 1), or not below the last cumulative probability
     */
    public static int draw(double[] cumulative, double u) {
        int high = cumulative.length - 1;
        if (!(u >= 0 && u < 1 && u < cumulative[high])) {
            throw new IllegalArgumentException(
                    "u must be in [0, 1) and below the last cumulative probability, but is " + u);
        }
        int low = 0;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (cumulative[middle] > u) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
