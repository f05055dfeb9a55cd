package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Several tests at once (S. Holm, <i>A simple sequentially rejective multiple test procedure</i>, 1979). */
public final class Holm {
    private Holm() {}

    /**
     * Adjusted p values: those at most alpha may all be rejected together, with probability at most alpha of any false rejection,
     * however the tests depend on each other.
     *
     * @param pValues each in [0, 1]
     * @return as many, in the same order
     * @throws IllegalArgumentException if a value is outside [0, 1]
     */
    public static double[] adjusted(double... pValues) {
        for (int i = 0; i < pValues.length; i++) {
            Require.unit("pValues[" + i + "]", pValues[i]);
        }
        int[] ascending = IntStream.range(0, pValues.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> pValues[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] result = new double[pValues.length];
        double largest = 0;
        for (int rank = 0; rank < ascending.length; rank++) {
            largest = Math.max(largest, (pValues.length - rank) * pValues[ascending[rank]]);
            result[ascending[rank]] = Math.min(1, largest);
        }
        return result;
    }
}
