package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProportionsTest {
    private static final Reference REFERENCE = Reference.named("two-proportions");
    private static final double TOLERANCE = 1e-9;

    @Test
    void z_and_its_p_values_match() {
        for (int row = 0; row < REFERENCE.size(); row++) {
            TwoProportions arms = arms(row);
            // The difference of rates near each other has lost digits before anybody subtracts.
            double z = REFERENCE.number(row, "z");
            double tolerance = Double.isNaN(z) || z == 0 ? TOLERANCE : TOLERANCE * Math.max(1, 1e-4 / Math.abs(z));
            REFERENCE.check(row, "z", arms.z(), tolerance);
            REFERENCE.check(row, "greater", arms.pValueGreater(), TOLERANCE);
            REFERENCE.check(row, "two_sided", arms.pValueTwoSided(), TOLERANCE);
        }
    }

    @Test
    void wilson_intervals_match() {
        for (int row = 0; row < REFERENCE.size(); row++) {
            double level = REFERENCE.number(row, "level");
            check(row, "wilson0_lower", "wilson0_upper", arms(row).control().wilson(level));
            check(row, "wilson1_lower", "wilson1_upper", arms(row).treatment().wilson(level));
        }
    }

    @Test
    void newcombe_intervals_match() {
        for (int row = 0; row < REFERENCE.size(); row++) {
            check(row, "lower", "upper", arms(row).newcombe(REFERENCE.number(row, "level")));
        }
    }

    @Test
    void relative_lift_and_its_interval_match() {
        for (int row = 0; row < REFERENCE.size(); row++) {
            TwoProportions arms = arms(row);
            int at = row;
            assertThat(arms.relativeLift().isEmpty()).isEqualTo(REFERENCE.isUndefined(row, "lift"));
            arms.relativeLift().ifPresent(lift -> REFERENCE.check(at, "lift", lift, TOLERANCE, 1e-13));
            check(row, "lift_lower", "lift_upper", arms.relativeLiftInterval(REFERENCE.number(row, "level")));
        }
    }

    @Test
    void arms_without_trials_leave_everything_undefined() {
        TwoProportions arms = new TwoProportions(new Proportion(0, 0), new Proportion(1, 2));
        assertThat(arms.control().rate()).isEmpty();
        assertThat(arms.control().wilson(0.95)).isEmpty();
        assertThat(arms.difference()).isEmpty();
        assertThat(arms.z()).isEmpty();
        assertThat(arms.newcombe(0.95)).isEmpty();
        assertThat(arms.relativeLift()).isEmpty();
        assertThat(arms.relativeLiftInterval(0.95)).isEmpty();
    }

    @Test
    void only_successes_leave_z_and_the_lift_interval_undefined() {
        TwoProportions arms = new TwoProportions(new Proportion(5, 5), new Proportion(7, 7));
        assertThat(arms.z()).isEmpty();
        assertThat(arms.pValueTwoSided()).isEmpty();
        assertThat(arms.relativeLiftInterval(0.95)).isEmpty();
        assertThat(arms.difference()).hasValue(0);
        assertThat(arms.newcombe(0.95).orElseThrow().contains(0)).isTrue();
    }

    @Test
    void wilson_ends_at_0_and_1_exactly() {
        assertThat(new Proportion(0, 3).wilson(0.9).orElseThrow().lower()).isZero();
        assertThat(new Proportion(3, 3).wilson(0.9).orElseThrow().upper()).isOne();
    }

    @Test
    void values_out_of_range_are_named() {
        assertThatThrownBy(() -> new Proportion(1, -1))
                .hasMessageContaining("trials")
                .hasMessageContaining("-1");
        assertThatThrownBy(() -> new Proportion(3, 2))
                .hasMessageContaining("successes")
                .hasMessageContaining("3.0 of 2");
        assertThatThrownBy(() -> new Proportion(Double.NaN, 2)).hasMessageContaining("NaN");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -1, Double.NaN})
    void levels_out_of_range_are_named(double bad) {
        Proportion arm = new Proportion(1, 2);
        assertThatThrownBy(() -> arm.wilson(bad)).hasMessageContaining("level").hasMessageContaining("" + bad);
        assertThatThrownBy(() -> new TwoProportions(arm, arm).newcombe(bad)).hasMessageContaining("level");
        assertThatThrownBy(() -> new TwoProportions(arm, arm).relativeLiftInterval(bad))
                .hasMessageContaining("level");
    }

    private static TwoProportions arms(int row) {
        return new TwoProportions(REFERENCE.proportion(row, "0"), REFERENCE.proportion(row, "1"));
    }

    private static void check(int row, String lower, String upper, Optional<Interval> actual) {
        assertThat(actual.isEmpty()).as("%s of row %s", lower, row).isEqualTo(REFERENCE.isUndefined(row, lower));
        actual.ifPresent(interval -> {
            REFERENCE.check(row, lower, interval.lower(), TOLERANCE, 1e-14);
            REFERENCE.check(row, upper, interval.upper(), TOLERANCE, 1e-14);
        });
    }
}
