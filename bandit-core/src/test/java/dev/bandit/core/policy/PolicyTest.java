package dev.bandit.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.posterior.BestArm;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    static List<Policy> policies() {
        return List.of(new Thompson(), new TopTwoThompson(), new FixedSplit(), new EpsilonGreedy(0.1));
    }

    @Nested
    class Every_policy {
        static List<Policy> policies() {
            return PolicyTest.policies();
        }

        @ParameterizedTest
        @MethodSource("policies")
        void yields_a_distribution_over_the_arms(Policy policy) {
            Arms arms = Arms.of(new double[] {0.5, 30, 4, 1e6}, new double[] {0.5, 100, 9, 1e7});
            ArmDistribution distribution = policy.distribution(arms);
            assertThat(distribution.arms()).isEqualTo(4);
            assertThat(DoubleStream.of(distribution.probabilities()).sum()).isCloseTo(1, within(1e-9));
        }

        @ParameterizedTest
        @MethodSource("policies")
        void plays_the_only_arm(Policy policy) {
            assertThat(policy.distribution(Arms.of(new double[] {2}, new double[] {3})))
                    .isEqualTo(ArmDistribution.of(1));
        }

        @ParameterizedTest
        @MethodSource("policies")
        void shares_evenly_between_arms_nobody_knows_anything_about(Policy policy) {
            double[] ones = {1, 1, 1, 1, 1};
            assertThat(policy.distribution(Arms.of(ones, ones)).probabilities())
                    .containsOnly(new double[] {0.2}, within(1e-12));
        }
    }

    @Nested
    class Thompson_sampling {
        @Test
        void plays_an_arm_as_often_as_it_is_best() {
            double[] alpha = {3, 5, 9};
            double[] beta = {20, 22, 30};
            assertThat(new Thompson().distribution(Arms.of(alpha, beta)).probabilities())
                    .containsExactly(BestArm.probabilities(alpha, beta));
        }
    }

    @Nested
    class Top_two_thompson_sampling {
        @Test
        void shares_two_arms_by_the_formula() {
            // With two arms the challenger is the other one: half of the traffic each, whatever is known.
            assertThat(new TopTwoThompson()
                            .distribution(Arms.of(new double[] {3, 9}, new double[] {20, 22}))
                            .probabilities())
                    .containsExactly(new double[] {0.5, 0.5}, within(1e-12));
        }

        @Test
        void follows_the_definition_by_enumeration_of_leader_and_challenger() {
            double[] alpha = {3, 5, 9, 2};
            double[] beta = {20, 22, 30, 9};
            double[] p = BestArm.probabilities(alpha, beta);
            double[] expected = new double[4];
            for (int leader = 0; leader < 4; leader++) {
                expected[leader] += p[leader] / 2;
                for (int challenger = 0; challenger < 4; challenger++) {
                    if (challenger != leader) {
                        expected[challenger] += p[leader] / 2 * p[challenger] / (1 - p[leader]);
                    }
                }
            }
            assertThat(new TopTwoThompson().distribution(Arms.of(alpha, beta)).probabilities())
                    .containsExactly(expected, within(1e-12));
        }

        @Test
        void a_certain_leader_is_challenged_by_the_best_of_the_others() {
            double[] p = new TopTwoThompson()
                    .distribution(Arms.of(new double[] {100, 9e5, 100}, new double[] {900, 1e5, 900}))
                    .probabilities();
            assertThat(p).containsExactly(new double[] {0.25, 0.5, 0.25}, within(1e-12));
        }

        @Test
        void the_share_of_the_leader_stays_near_one_half_as_it_becomes_certain() {
            for (double successes = 100; successes < 1e5; successes *= 1.1) {
                double[] alpha = {successes, 60, 50};
                double[] p = new TopTwoThompson()
                        .distribution(Arms.of(alpha, new double[] {100, 100, 100}))
                        .probabilities();
                assertThat(p[0]).as("successes %s", successes).isBetween(0.4, 0.5 + 1e-9);
                assertThat(p[1]).isGreaterThan(p[2]);
            }
        }
    }

    @Nested
    class Fixed_split {
        @Test
        void follows_the_weights_of_the_arms_that_are_left() {
            Arms arms = new Arms(new double[] {1, 2, 3}, new double[] {3, 2, 1}, new double[] {50, 0, 150});
            assertThat(new FixedSplit().distribution(arms)).isEqualTo(ArmDistribution.of(0.25, 0, 0.75));
        }
    }

    @Nested
    class Epsilon_greedy {
        @Test
        void plays_the_largest_mean_except_for_epsilon() {
            Arms arms = Arms.of(new double[] {2, 30, 1}, new double[] {2, 10, 4});
            assertThat(new EpsilonGreedy(0.3).distribution(arms).probabilities())
                    .containsExactly(new double[] {0.1, 0.8, 0.1}, within(1e-15));
        }

        @Test
        void splits_ties_evenly() {
            Arms arms = Arms.of(new double[] {1, 20, 1, 10}, new double[] {1, 20, 4, 10});
            assertThat(new EpsilonGreedy(0.4).distribution(arms).probabilities())
                    .containsExactly(new double[] {0.3, 0.3, 0.1, 0.3}, within(1e-15));
        }

        @ParameterizedTest
        @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
        void epsilon_must_be_a_probability(double epsilon) {
            assertThatThrownBy(() -> new EpsilonGreedy(epsilon)).hasMessageContaining("" + epsilon);
        }
    }

    @Nested
    class Arms_of_a_policy {
        private final double[] two = {1, 1};

        @Test
        void must_agree_in_number() {
            assertThatThrownBy(() -> new Arms(two, new double[1], two)).hasMessageContaining("2, 1 and 2");
            assertThatThrownBy(() -> Arms.of(new double[0], new double[0]))
                    .isInstanceOf(IllegalArgumentException.class);
        }

        @Test
        void must_have_valid_posteriors_and_weights() {
            assertThatThrownBy(() -> Arms.of(new double[] {1, Double.NaN}, two)).hasMessageContaining("alpha[1]");
            assertThatThrownBy(() -> Arms.of(two, new double[] {0, 1})).hasMessageContaining("beta[0]");
            assertThatThrownBy(() -> new Arms(two, two, new double[] {1, -1})).hasMessageContaining("allocation[1]");
            assertThatThrownBy(() -> new Arms(two, two, new double[2])).hasMessageContaining("allocation");
        }

        @Test
        void are_counted() {
            double[] values = new double[7];
            Arrays.fill(values, 2);
            assertThat(Arms.of(values, values).count()).isEqualTo(7);
        }
    }
}
