package dev.bandit.service.snapshot;

import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.service.report.ArmReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The density of one arm's posterior, at points of its own: on points shared by all arms, the curve of one that has been shown a
 * billion times would fall between two of them.
 *
 * @param x success rates, ascending
 * @param density at each of them, finite
 */
public record DensityCurve(String testId, String variant, double[] x, double[] density) {

    static final int POINTS = 101;
    /** More curves in one picture tell nobody anything. */
    static final int MAX_ARMS = 50;
    /** Of all experiments together: a tick writes {@link #POINTS} rows each. */
    static final int MAX_ARMS_IN_ALL = 1000;

    private static final double TAIL = 1e-4;

    /** Those of every experiment that is small enough, in order, until there are too many. */
    static List<DensityCurve> of(Map<String, List<ArmReport>> reports) {
        List<DensityCurve> curves = new ArrayList<>();
        reports.forEach((testId, arms) -> {
            if (arms.size() <= MAX_ARMS && curves.size() + arms.size() <= MAX_ARMS_IN_ALL) {
                for (ArmReport arm : arms) {
                    curves.add(of(testId, arm.armId(), arm.posterior()));
                }
            }
        });
        return curves;
    }

    static DensityCurve of(String testId, String variant, BetaPosterior posterior) {
        double low = inside(posterior.quantile(TAIL));
        double high = inside(posterior.quantile(1 - TAIL));
        double[] x = new double[POINTS];
        int points = 0;
        for (int i = 0; i < POINTS; i++) {
            double next = low + (high - low) * i / (POINTS - 1);
            if (points == 0 || next > x[points - 1]) {
                x[points++] = next;
            }
        }
        double[] distinct = Arrays.copyOf(x, points);
        return new DensityCurve(
                testId,
                variant,
                distinct,
                Arrays.stream(distinct).map(posterior::pdf).toArray());
    }

    /** At 0 and 1 themselves the density may be infinite. */
    private static double inside(double rate) {
        return Math.clamp(rate, Double.MIN_NORMAL, Math.nextDown(1.0));
    }
}
