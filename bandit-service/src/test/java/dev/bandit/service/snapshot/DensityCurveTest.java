package dev.bandit.service.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.core.posterior.CredibleInterval;
import dev.bandit.service.report.ArmReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DensityCurveTest {

    /** Uniform, skewed, unbounded at both ends, a billion trials, and parameters whose quantiles underflow. */
    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "3, 7",
        "1, 1000",
        "1000, 1",
        "0.5, 0.5",
        "1e9, 1e9",
        "1, 1e9",
        "1e9, 3",
        "1e-3, 1",
        "1, 1e-3",
        "1e-3, 1e9",
        "1e-6, 1e-6",
        "1e-6, 1e6",
        "1e6, 1e-6"
    })
    void every_curve_ascends_inside_the_unit_interval_and_is_finite(double alpha, double beta) {
        DensityCurve curve = curve(alpha, beta);

        assertThat(curve.x()).isSorted().doesNotHaveDuplicates().hasSizeBetween(1, DensityCurve.POINTS);
        assertThat(curve.x()[0]).isPositive();
        assertThat(curve.x()[curve.x().length - 1]).isLessThan(1);
        for (double density : curve.density()) {
            assertThat(density).isFinite().isNotNegative();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 7", "1, 1000", "1200, 40", "1e9, 1e9", "1e9, 5e5"})
    void the_area_under_a_curve_is_one(double alpha, double beta) {
        DensityCurve curve = curve(alpha, beta);

        assertThat(curve.x()).hasSize(DensityCurve.POINTS);
        double area = 0;
        for (int i = 1; i < curve.x().length; i++) {
            area += (curve.x()[i] - curve.x()[i - 1]) * (curve.density()[i] + curve.density()[i - 1]) / 2;
        }
        assertThat(area).isCloseTo(1, within(0.002));
    }

    @Test
    void an_experiment_of_too_many_arms_has_no_curves_and_the_others_have_theirs() {
        Map<String, List<ArmReport>> reports = new LinkedHashMap<>();
        reports.put("many", arms(DensityCurve.MAX_ARMS + 1));
        reports.put("few", arms(2));

        assertThat(DensityCurve.of(reports)).extracting(DensityCurve::testId).containsExactly("few", "few");
    }

    @Test
    void of_very_many_experiments_the_first_have_curves() {
        Map<String, List<ArmReport>> reports = new LinkedHashMap<>();
        for (int i = 0; i < DensityCurve.MAX_ARMS_IN_ALL; i++) {
            reports.put("e" + i, arms(3));
        }

        assertThat(DensityCurve.of(reports)).hasSize(DensityCurve.MAX_ARMS_IN_ALL / 3 * 3);
    }

    private static DensityCurve curve(double alpha, double beta) {
        return DensityCurve.of("test", "arm", new BetaPosterior(alpha, beta));
    }

    private static List<ArmReport> arms(int count) {
        List<ArmReport> arms = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            arms.add(new ArmReport(
                    "arm" + i, new BetaPosterior(1, 1), new CredibleInterval(0.025, 0.975), 0.5, 0.1, 0, 0, 0, 0));
        }
        return arms;
    }
}
