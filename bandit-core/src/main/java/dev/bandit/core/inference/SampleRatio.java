package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Arrays;
import java.util.Optional;

/**
 * Whether arms were given out as often as they should have been. A mismatch means that assignment or logging is broken, and
 * nothing else in the report can be trusted.
 *
 * @param statistic chi-squared; infinite when an arm occurred that cannot occur
 * @param degreesOfFreedom at least 1, or 0 when an impossible arm is all there is to say
 * @param pValue in [0, 1]; 0 when an arm occurred that cannot occur
 * @param leastExpected the smallest expected count among the arms compared; below 5 the p value is rough (Cochran 1954)
 */
public record SampleRatio(double statistic, int degreesOfFreedom, double pValue, double leastExpected) {
    /** The customary level: A. Fabijan et al., <i>Diagnosing sample ratio mismatch in online controlled experiments</i> (2019). */
    public static final double ALARM = 0.001;

    /** Whether the p value is below {@link #ALARM}. */
    public boolean isMismatch() {
        return pValue < ALARM;
    }

    /**
     * Pearson's test under fixed allocation. Arms of share 0 are left out, unless they occurred. Undefined without decisions, or
     * when fewer than two arms have a share.
     *
     * @param counts decisions by arm, not negative
     * @param shares the probability of each arm, of sum 1 within 1e-9
     * @throws IllegalArgumentException if a value is out of its range or the lengths differ
     */
    public static Optional<SampleRatio> fixed(long[] counts, double[] shares) {
        Require.distribution("shares", shares, counts.length);
        double total = 0;
        for (int k = 0; k < counts.length; k++) {
            total += Require.count("counts[" + k + "]", counts[k]);
        }
        int df = (int) Arrays.stream(shares).filter(share -> share > 0).count() - 1;
        double statistic = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int k = 0; k < counts.length; k++) {
            double expected = total * shares[k];
            double gap = counts[k] - expected;
            if (shares[k] > 0) {
                least = Math.min(least, expected);
            }
            if (gap != 0) {
                statistic += gap * gap / expected;
            }
        }
        boolean defined = total > 0 && (df > 0 || statistic == Double.POSITIVE_INFINITY);
        return defined ? Optional.of(of(statistic, df, least)) : Optional.empty();
    }

    static SampleRatio of(double statistic, int df, double leastExpected) {
        return new SampleRatio(statistic, df, ChiSquared.upperTail(statistic, df), leastExpected);
    }
}
