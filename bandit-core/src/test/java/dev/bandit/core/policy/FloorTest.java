package dev.bandit.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloorTest {
    private static final long SEED = 7;

    @Test
    void an_arm_that_sharing_pushes_below_the_floor_is_lifted_too() {
        // 0.02 is lifted to 0.1; the rest shrinks by 0.9/0.98, which takes 0.105 to 0.0964, so that it is lifted as
        // well.
        double[] p = Floor.apply(new double[] {0.02, 0.105, 0.875}, 0.1);
        assertThat(p).containsExactly(new double[] {0.1, 0.1, 0.8}, within(1e-15));
    }

    @Test
    void floor_sum_and_ratios_above_the_floor_hold_for_random_distributions() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
        for (int repeat = 0; repeat < 2000; repeat++) {
            int arms = 1 + random.nextInt(40);
            double[] p = new double[arms];
            Arrays.setAll(p, k -> Math.pow(random.nextDouble(), 6));
            double sum = DoubleStream.of(p).sum();
            Arrays.setAll(p, k -> p[k] / sum);
            double floor = random.nextDouble() / arms;

            double[] result = Floor.apply(p, floor);

            assertThat(DoubleStream.of(result).sum()).isCloseTo(1, within(1e-12));
            double scale = Double.NaN;
            for (int k = 0; k < arms; k++) {
                assertThat(result[k]).isGreaterThanOrEqualTo(floor);
                if (result[k] > floor * (1 + 1e-9)) {
                    double own = result[k] / p[k];
                    assertThat(own).isLessThanOrEqualTo(1 + 1e-12);
                    assertThat(Double.isNaN(scale) ? own : scale).isCloseTo(own, within(1e-12));
                    scale = own;
                }
            }
        }
    }

    @Test
    void no_floor_changes_nothing() {
        double[] p = {0.5, 0, 0.25, 0.25};
        assertThat(Floor.apply(p, 0)).containsExactly(p);
    }

    @Test
    void the_largest_floor_makes_arms_equal() {
        assertThat(Floor.apply(new double[] {0.7, 0.2, 0.1}, 1.0 / 3))
                .containsOnly(new double[] {1.0 / 3}, within(1e-15));
        assertThat(Floor.apply(new double[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0.1))
                .containsOnly(new double[] {0.1}, within(1e-15));
    }

    @Test
    void a_floor_that_needs_more_than_1_is_refused() {
        assertThatThrownBy(() -> Floor.apply(new double[] {0.5, 0.5}, 0.51))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0.51");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, Double.NaN})
    void a_floor_that_is_no_probability_is_refused(double floor) {
        assertThatThrownBy(() -> Floor.apply(new double[] {1}, floor)).hasMessageContaining("" + floor);
    }

    @Test
    void probabilities_that_are_none_are_refused() {
        assertThatThrownBy(() -> Floor.apply(new double[0], 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Floor.apply(new double[] {-1, 2}, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Floor.apply(new double[] {Double.NaN, 1}, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
