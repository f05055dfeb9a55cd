package dev.bandit.core.simulation;

import dev.bandit.core.inference.TwoProportions;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * The classical test, made once when every arm has had its planned sample on average: the treatment that stands out most from
 * the control, if its one-sided p value is below alpha / treatments (Bonferroni), else the control.
 *
 * @param samplePerArm rewards, at least 1
 * @param alpha in (0, 1)
 */
public record FixedSampleRule(long samplePerArm, double alpha) implements StopRule {
    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public FixedSampleRule {
        if (!(samplePerArm >= 1 && alpha > 0 && alpha < 1)) {
            throw new IllegalArgumentException("samplePerArm must be at least 1 and alpha between 0 and 1, but are "
                    + samplePerArm + " and " + alpha);
        }
    }

    @Override
    public OptionalInt verdict(Look look) {
        long seen = 0;
        for (int k = 0; k < look.arms(); k++) {
            seen += look.seen(k).trials();
        }
        if (seen < samplePerArm * look.arms()) {
            return OptionalInt.empty();
        }
        int best = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = 1; k < look.arms(); k++) {
            TwoProportions pair = new TwoProportions(look.seen(0), look.seen(k));
            OptionalDouble p = pair.pValueGreater();
            // p values of clear winners are all 0: z tells them apart.
            if (p.isPresent()
                    && p.getAsDouble() < alpha / (look.arms() - 1)
                    && pair.z().getAsDouble() > largest) {
                largest = pair.z().getAsDouble();
                best = k;
            }
        }
        return OptionalInt.of(best);
    }
}
