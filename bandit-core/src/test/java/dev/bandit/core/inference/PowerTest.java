package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.inference.Power.Alternative;
import org.junit.jupiter.api.Test;

class PowerTest {
    private static final Reference REFERENCE = Reference.named("power");
    private static final double TOLERANCE = 1e-9;

    @Test
    void effect_sample_size_and_power_match() {
        for (int row = 0; row < REFERENCE.size(); row++) {
            double alpha = REFERENCE.number(row, "alpha");
            Alternative alternative = REFERENCE.table().text(row, "alternative").equals("larger")
                    ? Alternative.LARGER
                    : Alternative.TWO_SIDED;
            double effect = Power.cohensH(REFERENCE.number(row, "p0"), REFERENCE.number(row, "p1"));
            REFERENCE.check(row, "effect", effect, TOLERANCE);
            double needed = Power.samplePerArm(effect, alpha, REFERENCE.number(row, "power"), alternative)
                    .orElseThrow();
            REFERENCE.check(row, "per_arm", needed, TOLERANCE);
            REFERENCE.check(
                    row, "achieved", Power.power(effect, REFERENCE.number(row, "n"), alpha, alternative), TOLERANCE);
            assertThat(Power.power(effect, needed, alpha, alternative))
                    .isCloseTo(REFERENCE.number(row, "power"), within(1e-12));
        }
    }

    @Test
    void power_a_hair_above_alpha_takes_a_small_sample() {
        double needed =
                Power.samplePerArm(0.1, 0.05, 0.0500001, Alternative.TWO_SIDED).orElseThrow();
        assertThat(Power.power(0.1, needed, 0.05, Alternative.TWO_SIDED)).isCloseTo(0.0500001, within(1e-12));
    }

    @Test
    void no_sample_is_large_enough_for_no_effect() {
        assertThat(Power.samplePerArm(0, 0.05, 0.8, Alternative.TWO_SIDED)).isEmpty();
        assertThat(Power.samplePerArm(-0.1, 0.05, 0.8, Alternative.LARGER)).isEmpty();
        assertThat(Power.samplePerArm(-0.1, 0.05, 0.8, Alternative.TWO_SIDED))
                .isEqualTo(Power.samplePerArm(0.1, 0.05, 0.8, Alternative.TWO_SIDED));
        assertThat(Power.cohensH(0.3, 0.3)).isZero();
        assertThat(Power.cohensH(0, 1)).isCloseTo(Math.PI, within(1e-15));
    }

    @Test
    void without_observations_power_is_alpha() {
        assertThat(Power.power(0.3, 0, 0.05, Alternative.TWO_SIDED)).isCloseTo(0.05, within(1e-14));
        assertThat(Power.power(0.3, 0, 0.05, Alternative.LARGER)).isCloseTo(0.05, within(1e-14));
    }

    @Test
    void values_out_of_range_are_named() {
        assertThatThrownBy(() -> Power.cohensH(-0.1, 0.5)).hasMessageContaining("control");
        assertThatThrownBy(() -> Power.cohensH(0.1, Double.NaN)).hasMessageContaining("treatment");
        assertThatThrownBy(() -> Power.power(0.1, -1, 0.05, Alternative.LARGER)).hasMessageContaining("perArm");
        assertThatThrownBy(() -> Power.power(0.1, 1, 0, Alternative.LARGER)).hasMessageContaining("alpha");
        assertThatThrownBy(() -> Power.samplePerArm(0.1, 0.05, 0.05, Alternative.LARGER))
                .hasMessageContaining("power must be");
        assertThatThrownBy(() -> Power.samplePerArm(Double.NaN, 0.05, 0.8, Alternative.LARGER))
                .hasMessageContaining("effect");
    }
}
