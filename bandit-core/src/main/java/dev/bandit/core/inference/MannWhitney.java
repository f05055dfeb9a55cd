package dev.bandit.core.inference;

import java.util.Optional;

/**
 * The Mann-Whitney U test by its normal approximation, corrected for ties and continuity: what SciPy's {@code mannwhitneyu}
 * answers to {@code method="asymptotic"}.
 *
 * @param u pairs in which the treatment's value is larger, plus half of those in which both are equal
 * @param pairs how many pairs there are, above 0
 * @param standardDeviation of u if the samples come from one distribution, above 0
 */
public record MannWhitney(double u, double pairs, double standardDeviation) {
    /**
     * @throws IllegalArgumentException if u is outside [0, pairs] or the standard deviation is not finite and above 0
     */
    public MannWhitney {
        if (!(u >= 0 && u <= pairs && pairs > 0 && pairs < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("u must be in [0, pairs], but is " + u + " of " + pairs);
        }
        if (!(standardDeviation > 0 && standardDeviation < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "standardDeviation must be finite and above 0, but is " + standardDeviation);
        }
    }

    /**
     * Undefined when a sample is empty or all values are equal.
     *
     * @throws IllegalArgumentException if a value is NaN
     */
    public static Optional<MannWhitney> of(double[] control, double[] treatment) {
        return of(ValueCounts.of(control), ValueCounts.of(treatment));
    }

    /** The same from histograms. */
    public static Optional<MannWhitney> of(ValueCounts control, ValueCounts treatment) {
        double below = 0;
        double seen = 0;
        double u = 0;
        // n^3 - sum of t^3 over ties of size t, as a sum of positive terms: (seen + t)^3 - seen^3 - t^3 = 3 seen t
        // (seen + t).
        double untied = 0;
        for (int i = 0, j = 0; i < control.values().length || j < treatment.values().length; ) {
            double value = Math.min(at(control, i), at(treatment, j));
            double c = i < control.values().length && control.values()[i] == value ? control.counts()[i++] : 0;
            double t = j < treatment.values().length && treatment.values()[j] == value
                    ? treatment.counts()[j++]
                    : 0;
            u += t * (below + c / 2);
            untied += 3 * seen * (c + t) * (seen + c + t);
            below += c;
            seen += c + t;
        }
        double pairs = below * (seen - below);
        if (!(pairs > 0 && untied > 0)) {
            return Optional.empty();
        }
        return Optional.of(new MannWhitney(u, pairs, Math.sqrt(pairs / 12 * (untied / seen / (seen - 1)))));
    }

    private static double at(ValueCounts sample, int index) {
        return index < sample.values().length ? sample.values()[index] : Double.POSITIVE_INFINITY;
    }

    /** P(treatment larger) + P(equal) / 2 for a pair drawn from the samples; 1/2 says no difference. */
    public double probabilityOfSuperiority() {
        return u / pairs;
    }

    public double pValueTwoSided() {
        double distance = Math.abs(u - pairs / 2) - 0.5;
        return Math.min(1, 2 * Normal.upperTail(distance / standardDeviation));
    }

    /** One-sided p value for the treatment's values being larger. */
    public double pValueGreater() {
        return Normal.upperTail((u - pairs / 2 - 0.5) / standardDeviation);
    }
}
