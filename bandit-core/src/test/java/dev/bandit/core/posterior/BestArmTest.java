package dev.bandit.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.ReferenceTable;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BestArmTest {
    private static final long SEED = 20250601;

    @Nested
    class Against_the_reference {
        @Test
        void probability_that_one_beats_the_other_matches_to_1e_8() {
            ReferenceTable pairs = ReferenceTable.named("greater");
            assertThat(pairs.size()).isGreaterThanOrEqualTo(200);
            for (int row = 0; row < pairs.size(); row++) {
                BetaPosterior a = new BetaPosterior(pairs.number(row, "alpha_a"), pairs.number(row, "beta_a"));
                BetaPosterior b = new BetaPosterior(pairs.number(row, "alpha_b"), pairs.number(row, "beta_b"));
                assertThat(BestArm.probabilityGreater(a, b))
                        .as("%s over %s", a, b)
                        .isCloseTo(pairs.number(row, "probability_a_greater"), within(1e-8));
            }
        }

        @Test
        void probability_of_best_matches_to_1e_8() {
            ReferenceTable sets = ReferenceTable.named("best");
            assertThat(sets.size()).isGreaterThanOrEqualTo(200);
            for (int row = 0; row < sets.size(); row++) {
                assertThat(BestArm.probabilities(sets.numbers(row, "alpha"), sets.numbers(row, "beta")))
                        .as("row %s", row)
                        .containsExactly(sets.numbers(row, "probability_best"), within(1e-8));
            }
        }

        @Test
        void expected_loss_matches_to_1e_8() {
            ReferenceTable sets = ReferenceTable.named("best");
            for (int row = 0; row < sets.size(); row++) {
                assertThat(BestArm.expectedLosses(sets.numbers(row, "alpha"), sets.numbers(row, "beta")))
                        .as("row %s", row)
                        .containsExactly(sets.numbers(row, "expected_loss"), within(1e-8));
            }
        }
    }

    @Nested
    class Properties {
        @ParameterizedTest
        @CsvSource({"2, 0.5, 0.5", "7, 3, 9", "1000, 1e6, 1e7", "10000, 1, 1", "10000, 0.5, 1e7"})
        void identical_arms_share_evenly(int arms, double alpha, double beta) {
            double[] p = BestArm.probabilities(filled(arms, alpha), filled(arms, beta));
            for (double value : p) {
                assertThat(value).isCloseTo(1.0 / arms, within(1e-12));
            }
        }

        @Test
        void probability_of_greater_in_the_simplest_cases_is_the_fraction_it_is() {
            // P(X > Y) of Beta(2, 1) and Beta(1, 1) is E[X]; of Beta(2, 3) and Beta(4, 3) it is 11/42.
            assertThat(BestArm.probabilityGreater(new BetaPosterior(2, 1), new BetaPosterior(1, 1)))
                    .isCloseTo(2.0 / 3, within(1e-11));
            assertThat(BestArm.probabilityGreater(new BetaPosterior(2, 3), new BetaPosterior(4, 3)))
                    .isCloseTo(11.0 / 42, within(1e-11));
        }

        @ParameterizedTest
        @ValueSource(ints = {2, 3, 10, 100, 1_000, 10_000})
        void probabilities_are_non_negative_and_sum_to_1(int arms) {
            UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
            for (int repeat = 0; repeat < (arms > 100 ? 2 : 50); repeat++) {
                double[] p = BestArm.probabilities(logUniform(arms, random), logUniform(arms, random));
                assertThat(DoubleStream.of(p).min().orElseThrow()).isGreaterThanOrEqualTo(0);
                assertThat(DoubleStream.of(p).sum()).isCloseTo(1, within(1e-9));
            }
        }

        @Test
        void order_of_the_arms_does_not_matter() {
            UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
            for (int repeat = 0; repeat < 50; repeat++) {
                double[] alpha = logUniform(12, random);
                double[] beta = logUniform(12, random);
                alpha[3] = alpha[8];
                beta[3] = beta[8];
                double[] p = BestArm.probabilities(alpha, beta);
                double[] backwards = BestArm.probabilities(reversed(alpha), reversed(beta));
                assertThat(reversed(backwards)).containsExactly(p, within(1e-12));
            }
        }

        @Test
        void one_arm_more_takes_from_everyone() {
            double[] three = BestArm.probabilities(new double[] {5, 6, 7}, new double[] {50, 50, 50});
            double[] four = BestArm.probabilities(new double[] {5, 6, 7, 8}, new double[] {50, 50, 50, 50});
            for (int k = 0; k < 3; k++) {
                assertThat(four[k]).isLessThan(three[k]);
            }
        }

        @Test
        void more_successes_and_fewer_failures_are_better() {
            double[] p = BestArm.probabilities(new double[] {10, 12, 12}, new double[] {90, 90, 88});
            assertThat(p).isSorted();
            assertThat(BestArm.expectedLosses(new double[] {10, 12, 12}, new double[] {90, 90, 88}))
                    .isSortedAccordingTo((x, y) -> Double.compare(y, x));
        }

        @Test
        void a_hopeless_arm_has_no_chance_and_a_loss_of_its_distance() {
            double[] alpha = {1e6, 9e6};
            double[] beta = {9e6, 1e6};
            assertThat(BestArm.probabilities(alpha, beta)).containsExactly(0, 1);
            assertThat(BestArm.expectedLosses(alpha, beta)).containsExactly(new double[] {0.8, 0}, within(1e-12));
        }

        @Test
        void a_single_arm_is_best_and_loses_nothing() {
            assertThat(BestArm.probabilities(new double[] {3}, new double[] {4}))
                    .containsExactly(1);
            assertThat(BestArm.expectedLosses(new double[] {3}, new double[] {4}))
                    .containsExactly(0);
        }

        /** Whatever the panels, exchanging success and failure turns "A above B" into "B above A". */
        @Test
        void mirrored_posteriors_mirror_the_probability_to_1e_9() {
            UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
            for (int repeat = 0; repeat < 500; repeat++) {
                double[] p = logUniform(4, random);
                double direct =
                        BestArm.probabilityGreater(new BetaPosterior(p[0], p[1]), new BetaPosterior(p[2], p[3]));
                double mirror =
                        BestArm.probabilityGreater(new BetaPosterior(p[3], p[2]), new BetaPosterior(p[1], p[0]));
                assertThat(direct).as(Arrays.toString(p)).isCloseTo(mirror, within(1e-9));
            }
        }

        /** E[max] of n uniform variables is n / (n + 1). */
        @Test
        void mean_of_the_largest_uniform_is_known() {
            double[] ones = filled(9, 1);
            assertThat(BestArm.expectedLosses(ones, ones)).containsOnly(new double[] {0.4}, within(1e-11));
        }

        @ParameterizedTest
        @ValueSource(doubles = {0.01, 0.05, 0.2})
        void priors_far_below_one_half_still_settle(double small) {
            double[] p = BestArm.probabilities(new double[] {small, small, 3}, new double[] {small, 2 * small, 4});
            assertThat(DoubleStream.of(p).sum()).isCloseTo(1, within(1e-9));
            assertThat(p[0]).isGreaterThan(p[1]);
        }
    }

    @Nested
    class Guards {
        @Test
        void arrays_of_unequal_length_are_refused() {
            assertThatThrownBy(() -> BestArm.probabilities(new double[2], new double[3]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2 and 3");
            assertThatThrownBy(() -> BestArm.probabilities(new double[0], new double[0]))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
        void a_bad_parameter_is_named_with_its_arm(double bad) {
            assertThatThrownBy(() -> BestArm.probabilities(new double[] {1, bad}, new double[] {1, 1}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("alpha[1]")
                    .hasMessageContaining("" + bad);
            assertThatThrownBy(() -> BestArm.expectedLosses(new double[] {1, 1}, new double[] {bad, 1}))
                    .hasMessageContaining("beta[0]");
        }
    }

    private static double[] logUniform(int count, UniformRandomProvider random) {
        double[] values = new double[count];
        Arrays.setAll(values, k -> Math.exp(random.nextDouble(Math.log(0.5), Math.log(1e7))));
        return values;
    }

    private static double[] filled(int count, double value) {
        double[] values = new double[count];
        Arrays.fill(values, value);
        return values;
    }

    private static double[] reversed(double[] values) {
        double[] result = new double[values.length];
        Arrays.setAll(result, k -> values[values.length - 1 - k]);
        return result;
    }
}
