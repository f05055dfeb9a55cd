package dev.bandit.core.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.ReferenceTable;
import dev.bandit.core.inference.Estimate;
import dev.bandit.core.inference.Interval;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Against the Open Bandit Pipeline and literal formulas: {@code src/test/python/evaluation_reference.py}. */
class OffPolicyReferenceTest {
    private static final ReferenceTable TABLE = ReferenceTable.named("evaluation");
    private static final double TOLERANCE = 1e-9;
    private static final List<Estimator> BOUNDED = List.of(Estimator.IPW, Estimator.CLIPPED_IPW, Estimator.DR);

    private static OffPolicyResult result(int row) {
        OffPolicySettings settings = new OffPolicySettings(
                TABLE.number(row, "clip"), TABLE.number(row, "tau"), TABLE.number(row, "lambda"), 7);
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
        double[] reward = TABLE.numbers(row, "reward");
        double[] propensity = TABLE.numbers(row, "propensity");
        double[] target = TABLE.numbers(row, "target");
        double[] predicted = TABLE.numbers(row, "predicted");
        double[] expected = TABLE.numbers(row, "expected");
        for (int t = 0; t < reward.length; t++) {
            evaluation.add(t % 7, reward[t], propensity[t], Math.min(1, target[t]), predicted[t], expected[t], 1);
        }
        return evaluation.result();
    }

    private static void check(int row, String column, OptionalDouble actual, double size) {
        double expected = TABLE.number(row, column);
        assertThat(actual.isEmpty()).as("%s of row %s", column, row).isEqualTo(Double.isNaN(expected));
        if (actual.isPresent()) {
            assertThat(actual.getAsDouble())
                    .as("%s of row %s", column, row)
                    .isCloseTo(expected, within(TOLERANCE * size));
        }
    }

    private static void check(int row, String column, OptionalDouble actual) {
        check(row, column, actual, Math.abs(TABLE.number(row, column)));
    }

    @Test
    void estimates_are_those_of_the_pipeline() {
        assertThat(TABLE.size()).isGreaterThanOrEqualTo(200);
        for (int row = 0; row < TABLE.size(); row++) {
            OffPolicyResult result = result(row);
            for (Estimator estimator : Estimator.values()) {
                check(row, estimator.label(), result.value(estimator));
            }
        }
    }

    @Test
    void standard_errors_are_those_of_the_rounds_and_by_the_delta_method() {
        for (int row = 0; row < TABLE.size(); row++) {
            OffPolicyResult result = result(row);
            for (Estimator estimator : Estimator.values()) {
                Optional<Estimate> estimate = result.estimate(estimator);
                check(row, estimator.label() + "_se", number(estimate.map(Estimate::standardError)));
                estimate.ifPresent(value -> assertThat(value.value())
                        .isEqualTo(result.value(estimator).getAsDouble()));
            }
        }
    }

    @Test
    void empirical_bernstein_intervals_are_as_wide_as_they_must_be() {
        for (int row = 0; row < TABLE.size(); row++) {
            OffPolicyResult result = result(row);
            Bounds bounds =
                    new Bounds(TABLE.number(row, "lowest"), TABLE.number(row, "highest"), TABLE.number(row, "weight"));
            for (Estimator estimator : Estimator.values()) {
                Optional<Interval> observed = result.bernstein(estimator, 0.95);
                Optional<Interval> bounded = result.bernstein(estimator, 0.95, bounds);
                if (!BOUNDED.contains(estimator)) {
                    assertThat(observed).isEmpty();
                    assertThat(bounded).isEmpty();
                    continue;
                }
                // Ends of 1,000 and more lose digits of the width between them.
                double size = Math.abs(result.value(estimator).orElseThrow()) * 1e-3 + 1;
                check(row, estimator.label() + "_observed", half(observed), size);
                check(row, estimator.label() + "_bounded", half(bounded), size);
            }
        }
    }

    private static OptionalDouble half(Optional<Interval> interval) {
        return number(interval.map(Interval::width).map(width -> width / 2));
    }

    private static OptionalDouble number(Optional<Double> value) {
        return value.map(OptionalDouble::of).orElse(OptionalDouble.empty());
    }

    @Test
    void weights_are_diagnosed() {
        for (int row = 0; row < TABLE.size(); row++) {
            Overlap overlap = result(row).overlap(0);
            check(row, "ess", OptionalDouble.of(overlap.effectiveRounds()));
            check(row, "max_weight", OptionalDouble.of(overlap.maxWeight()));
            check(row, "mean_weight", OptionalDouble.of(overlap.meanWeight()));
            assertThat(overlap.rounds())
                    .isEqualTo(Arrays.stream(TABLE.numbers(row, "reward")).count());
        }
    }
}
