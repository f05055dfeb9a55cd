package dev.bandit.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BernoulliDivergenceTest {
    /** By mpmath in 40 digits, from the rates as they are in binary. */
    @ParameterizedTest
    @CsvSource({
        "0.1, 0.2, 0.036690014034750581",
        "0.2, 0.1, 0.044403007586882301",
        "0.5, 0.9, 0.51082562376599078",
        "1e-06, 2e-06, 3.0685331944088801e-7",
        "0.3, 0.30000001, 2.3809523482116097e-16",
        "0.999, 0.5, 0.68523992544771322",
        "0.05, 0.050000000001, 1.052628831486581e-23",
        "1e-12, 0.5, 0.69314718053131429"
    })
    void matches(double p, double q, double expected) {
        assertThat(BernoulliDivergence.of(p, q)).isCloseTo(expected, within(1e-13 * expected));
    }

    @Test
    void certain_rates_are_told_apart_at_once_or_as_fast_as_they_fail() {
        assertThat(BernoulliDivergence.of(0.3, 0.3)).isZero();
        assertThat(BernoulliDivergence.of(1, 1)).isZero();
        assertThat(BernoulliDivergence.of(0.3, 0)).isInfinite();
        assertThat(BernoulliDivergence.of(0.3, 1)).isInfinite();
        assertThat(BernoulliDivergence.of(0, 1)).isInfinite();
        assertThat(BernoulliDivergence.of(0, 0.25)).isCloseTo(Math.log(4.0 / 3), within(1e-15));
        assertThat(BernoulliDivergence.of(1, 0.25)).isCloseTo(Math.log(4), within(1e-15));
        assertThatThrownBy(() -> BernoulliDivergence.of(0.3, Double.NaN)).hasMessageContaining("NaN");
    }
}
