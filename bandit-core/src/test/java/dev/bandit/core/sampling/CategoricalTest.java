package dev.bandit.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CategoricalTest {
    private static final double[] CUMULATIVE = {0, 0.25, 0.25, 0.75, 1, 1};

    @ParameterizedTest
    @CsvSource({"0, 1", "0.2, 1", "0.25, 3", "0.74, 3", "0.75, 4", "0.9999999999999999, 4"})
    void first_index_above_u_is_drawn_and_empty_ones_never(double u, int expected) {
        assertThat(Categorical.draw(CUMULATIVE, u)).isEqualTo(expected);
    }

    @Test
    void a_single_outcome_is_always_drawn() {
        assertThat(Categorical.draw(new double[] {1}, 0.5)).isZero();
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void u_out_of_range_is_named(double u) {
        assertThatThrownBy(() -> Categorical.draw(CUMULATIVE, u)).hasMessageContaining("" + u);
    }

    @Test
    void u_beyond_the_last_cumulative_probability_is_refused() {
        assertThatThrownBy(() -> Categorical.draw(new double[] {0.2, 0.5}, 0.6)).hasMessageContaining("0.6");
    }
}
