package dev.bandit.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.ReferenceTable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BetaPosteriorTest {
    private static final ReferenceTable REFERENCE = ReferenceTable.named("posterior");

    @Nested
    class Against_the_reference {
        @Test
        void there_are_at_least_200_cases() {
            assertThat(REFERENCE.size()).isGreaterThanOrEqualTo(200);
        }

        @Test
        void log_density_matches_mpmath_to_1e_9() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                double expected = REFERENCE.number(row, "log_pdf");
                assertThat(posterior(row).logPdf(REFERENCE.number(row, "x")))
                        .as(posterior(row).toString())
                        .isCloseTo(expected, within(1e-9 * Math.max(1, Math.abs(expected))));
            }
        }

        @Test
        void cdf_matches_to_1e_11() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                assertThat(posterior(row).cdf(REFERENCE.number(row, "x")))
                        .as(posterior(row).toString())
                        .isCloseTo(REFERENCE.number(row, "cdf"), within(1e-11));
            }
        }

        @Test
        void quantile_matches_to_1e_10_of_its_value() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                double expected = REFERENCE.number(row, "quantile");
                assertThat(posterior(row).quantile(REFERENCE.number(row, "probability")))
                        .as(posterior(row).toString())
                        .isCloseTo(expected, within(1e-10 * expected));
            }
        }

        private BetaPosterior posterior(int row) {
            return new BetaPosterior(REFERENCE.number(row, "alpha"), REFERENCE.number(row, "beta"));
        }
    }

    @Test
    void mean_and_variance_are_those_of_the_textbook() {
        BetaPosterior posterior = new BetaPosterior(3, 7);
        assertThat(posterior.mean()).isEqualTo(0.3);
        assertThat(posterior.variance()).isCloseTo(3.0 * 7 / (100 * 11), within(1e-16));
    }

    @Test
    void density_of_two_and_two_is_6x_times_1_minus_x() {
        assertThat(new BetaPosterior(2, 2).pdf(0.3)).isCloseTo(6 * 0.3 * 0.7, within(1e-14));
    }

    @ParameterizedTest
    @CsvSource({"1, 3, 0, 3", "1, 3, 1, 0", "2, 3, 0, 0", "0.5, 3, 0, Infinity", "3, 1, 1, 3", "3, 0.5, 1, Infinity"})
    void density_at_an_end_is_its_limit(double alpha, double beta, double x, double expected) {
        double density = new BetaPosterior(alpha, beta).pdf(x);
        if (Double.isInfinite(expected)) {
            assertThat(density).isInfinite();
        } else {
            assertThat(density).isCloseTo(expected, within(1e-12));
        }
    }

    @ParameterizedTest
    @CsvSource({"0.5, 0.5", "1, 1", "0.01, 0.02", "30, 4", "1e7, 0.5", "1e6, 1e7", "1e7, 1e7"})
    void cdf_undoes_the_quantile(double alpha, double beta) {
        BetaPosterior posterior = new BetaPosterior(alpha, beta);
        for (double p : new double[] {1e-6, 0.025, 0.3, 0.5, 0.7, 0.975}) {
            double x = posterior.quantile(p);
            // Near 1 the rate itself has only so many digits.
            double resolution = x == 1 ? 1 : Math.ulp(x) * posterior.pdf(Math.min(x, 1 - 1e-16));
            assertThat(posterior.cdf(x)).as("p = %s", p).isCloseTo(p, within(1e-10 + 4 * resolution));
        }
    }

    @Test
    void cdf_and_quantile_end_at_0_and_1() {
        BetaPosterior posterior = new BetaPosterior(0.5, 4);
        assertThat(posterior.cdf(0)).isZero();
        assertThat(posterior.cdf(-1)).isZero();
        assertThat(posterior.cdf(1)).isOne();
        assertThat(posterior.cdf(2)).isOne();
        assertThat(posterior.quantile(0)).isZero();
        assertThat(posterior.quantile(1)).isOne();
    }

    @Test
    void credible_interval_leaves_equal_tails() {
        BetaPosterior posterior = new BetaPosterior(12, 90);
        CredibleInterval interval = posterior.credibleInterval(0.9);
        assertThat(posterior.cdf(interval.lower())).isCloseTo(0.05, within(1e-12));
        assertThat(posterior.cdf(interval.upper())).isCloseTo(0.95, within(1e-12));
    }

    @Test
    void a_reward_is_a_success_in_part() {
        BetaPosterior prior = new BetaPosterior(1, 2);
        assertThat(prior.updated(1)).isEqualTo(new BetaPosterior(2, 2));
        assertThat(prior.updated(0)).isEqualTo(new BetaPosterior(1, 3));
        assertThat(prior.updated(0.25)).isEqualTo(new BetaPosterior(1.25, 2.75));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void parameters_out_of_range_are_named(double bad) {
        assertThatThrownBy(() -> new BetaPosterior(bad, 1))
                .hasMessageContaining("alpha")
                .hasMessageContaining("" + bad);
        assertThatThrownBy(() -> new BetaPosterior(1, bad))
                .hasMessageContaining("beta")
                .hasMessageContaining("" + bad);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
    void arguments_out_of_range_are_named(double bad) {
        BetaPosterior posterior = new BetaPosterior(1, 1);
        assertThatThrownBy(() -> posterior.updated(bad))
                .hasMessageContaining("reward")
                .hasMessageContaining("" + bad);
        assertThatThrownBy(() -> posterior.logPdf(bad)).hasMessageContaining("x must");
        assertThatThrownBy(() -> posterior.quantile(bad)).hasMessageContaining("probability");
        assertThatThrownBy(() -> posterior.credibleInterval(bad)).hasMessageContaining("level");
    }
}
