package dev.bandit.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArmDistributionTest {
    private static final double LAST_U = 1 - 0x1p-53;

    @Test
    void an_arm_is_drawn_on_an_interval_as_long_as_its_probability() {
        ArmDistribution distribution = ArmDistribution.of(0.5, 0.25, 0.25);
        int[] count = new int[3];
        for (int i = 0; i < 4096; i++) {
            count[distribution.draw(i / 4096.0)]++;
        }
        assertThat(count).containsExactly(2048, 1024, 1024);
    }

    @Test
    void an_arm_of_probability_0_is_never_drawn_whatever_rounding_leaves() {
        double tenth = 0.1;
        ArmDistribution distribution =
                ArmDistribution.of(0, tenth, tenth, tenth, tenth, tenth, tenth, tenth, tenth, tenth, tenth, 0, 0);
        assertThat(distribution.draw(0)).isEqualTo(1);
        assertThat(distribution.draw(LAST_U)).isEqualTo(10);
    }

    @Test
    void it_does_not_follow_later_changes_of_the_arrays() {
        double[] p = {0.5, 0.5};
        ArmDistribution distribution = ArmDistribution.of(p);
        p[0] = 1;
        distribution.probabilities()[1] = 1;
        assertThat(distribution)
                .isEqualTo(ArmDistribution.of(0.5, 0.5))
                .hasSameHashCodeAs(ArmDistribution.of(0.5, 0.5));
        assertThat(distribution.probability(0)).isEqualTo(0.5);
        assertThat(distribution.arms()).isEqualTo(2);
    }

    @Test
    void it_can_be_given_a_floor() {
        assertThat(ArmDistribution.of(1, 0).withFloor(0.1).probabilities())
                .containsExactly(new double[] {0.9, 0.1}, within(1e-15));
    }

    @Test
    void probabilities_must_be_a_distribution() {
        assertThatThrownBy(() -> ArmDistribution.of(0.5, 0.4)).hasMessageContaining("sum");
        assertThatThrownBy(() -> ArmDistribution.of(1.5, -0.5))
                .hasMessageContaining("arm 0")
                .hasMessageContaining("1.5");
        assertThatThrownBy(() -> ArmDistribution.of(Double.NaN, 1)).hasMessageContaining("NaN");
        assertThatThrownBy(ArmDistribution::of).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1e-9, 1, Double.NaN})
    void u_out_of_range_is_named(double u) {
        ArmDistribution distribution = ArmDistribution.of(0.5, 0.5);
        assertThatThrownBy(() -> distribution.draw(u)).hasMessageContaining("" + u);
    }
}
