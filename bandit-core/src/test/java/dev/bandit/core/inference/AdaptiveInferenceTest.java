package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.inference.AdaptiveMean.Weighting;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdaptiveInferenceTest {
    @Nested
    class Adaptive_mean {
        private static final Reference REFERENCE = Reference.named("adaptive-mean");

        @Test
        void both_weightings_match_the_two_pass_formulas() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                check(row, "uniform", Weighting.UNIFORM);
                check(row, "root", Weighting.SQRT_PROPENSITY);
            }
        }

        private void check(int row, String column, Weighting weighting) {
            AdaptiveMean mean = new AdaptiveMean(weighting);
            double[] propensities = REFERENCE.numbers(row, "propensities");
            double[] rewards = REFERENCE.numbers(row, "rewards");
            long[] chosen = REFERENCE.counts(row, "chosen");
            for (int t = 0; t < chosen.length; t++) {
                if (chosen[t] == 1) {
                    mean.chosen(propensities[t], rewards[t]);
                } else {
                    mean.passedOver(propensities[t]);
                }
            }
            Optional<Estimate> estimate = mean.estimate();
            assertThat(estimate.isEmpty()).as("row %s", row).isEqualTo(REFERENCE.isUndefined(row, column));
            if (estimate.isPresent()) {
                REFERENCE.check(row, column, estimate.get().value(), 1e-10, 1e-12);
                REFERENCE.check(row, column + "_se", estimate.get().standardError(), 1e-10);
            }
            assertThat(mean.rewards()).isEqualTo(Arrays.stream(chosen).sum());
        }

        @Test
        void equal_propensities_make_the_weightings_agree() {
            AdaptiveMean uniform = new AdaptiveMean(Weighting.UNIFORM);
            AdaptiveMean root = new AdaptiveMean(Weighting.SQRT_PROPENSITY);
            for (int t = 0; t < 1000; t++) {
                for (AdaptiveMean mean : new AdaptiveMean[] {uniform, root}) {
                    if (t % 3 == 0) {
                        mean.chosen(0.3, t % 2);
                    } else {
                        mean.passedOver(0.3);
                    }
                }
            }
            Estimate expected = uniform.estimate().orElseThrow();
            Estimate actual = root.estimate().orElseThrow();
            assertThat(actual.value()).isCloseTo(expected.value(), within(1e-12));
            assertThat(actual.standardError()).isCloseTo(expected.standardError(), within(1e-12));
        }

        @Test
        void an_arm_never_chosen_is_undefined() {
            AdaptiveMean mean = new AdaptiveMean(Weighting.UNIFORM);
            assertThat(mean.estimate()).isEmpty();
            mean.passedOver(0.4);
            mean.passedOver(0);
            assertThat(mean.estimate()).isEmpty();
        }

        @Test
        void a_difference_adds_the_variances() {
            Estimate difference = new Estimate(0.5, 0.03).minus(new Estimate(0.2, 0.04));
            assertThat(difference.value()).isCloseTo(0.3, within(1e-15));
            assertThat(difference.standardError()).isCloseTo(0.05, within(1e-15));
            assertThat(difference.interval(0.95).lower()).isCloseTo(0.3 - 1.959963984540054 * 0.05, within(1e-12));
        }

        @Test
        void values_out_of_range_are_named() {
            AdaptiveMean mean = new AdaptiveMean(Weighting.UNIFORM);
            assertThatThrownBy(() -> mean.chosen(0, 1)).hasMessageContaining("propensity");
            assertThatThrownBy(() -> mean.chosen(Double.NaN, 1)).hasMessageContaining("propensity");
            assertThatThrownBy(() -> mean.chosen(0.5, 1.5)).hasMessageContaining("reward");
            assertThatThrownBy(() -> mean.passedOver(1.5)).hasMessageContaining("propensity");
        }
    }

    @Nested
    class Confidence_sequence {
        private static final Reference REFERENCE = Reference.named("confidence-sequence");

        @Test
        void bounds_match_for_up_to_1e9_trials() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                Proportion arm = new Proportion(REFERENCE.count(row, "s"), REFERENCE.count(row, "n"));
                Interval interval = ConfidenceSequence.interval(arm, REFERENCE.number(row, "alpha"));
                REFERENCE.check(row, "lower", interval.lower(), 1e-10);
                REFERENCE.check(row, "upper", interval.upper(), 1e-10);
            }
        }

        @Test
        void successes_and_failures_mirror_each_other() {
            for (double s = 0; s <= 40; s += 0.5) {
                Interval interval = ConfidenceSequence.interval(new Proportion(s, 40), 0.05);
                Interval mirrored = ConfidenceSequence.interval(new Proportion(40 - s, 40), 0.05);
                assertThat(interval.lower()).isCloseTo(1 - mirrored.upper(), within(1e-14));
                assertThat(interval.contains(s / 40)).isTrue();
            }
        }

        @Test
        void nothing_is_known_before_the_first_trial() {
            Proportion none = new Proportion(0, 0);
            assertThat(ConfidenceSequence.interval(none, 0.05)).isEqualTo(new Interval(0, 1));
            assertThat(ConfidenceSequence.difference(none, none, 0.05)).isEqualTo(new Interval(-1, 1));
        }

        @Test
        void a_difference_takes_half_of_alpha_for_each_arm() {
            Proportion control = new Proportion(30, 400);
            Proportion treatment = new Proportion(90, 500);
            Interval c = ConfidenceSequence.interval(control, 0.025);
            Interval t = ConfidenceSequence.interval(treatment, 0.025);
            assertThat(ConfidenceSequence.difference(control, treatment, 0.05))
                    .isEqualTo(new Interval(t.lower() - c.upper(), t.upper() - c.lower()));
            assertThat(ConfidenceSequence.bonferroni(0.05, 5)).isEqualTo(0.01);
        }

        @Test
        void fractions_of_a_success_are_within_reach_of_tiny_ones() {
            Interval interval = ConfidenceSequence.interval(new Proportion(1e-9, 1_000_000_000), 0.05);
            Interval none = ConfidenceSequence.interval(new Proportion(0, 1_000_000_000), 0.05);
            assertThat(interval.upper()).isCloseTo(none.upper(), within(1e-6 * none.upper()));
            assertThat(interval.lower()).isBetween(0.0, 1e-18);
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, 1, Double.NaN})
        void values_out_of_range_are_named(double bad) {
            Proportion arm = new Proportion(1, 2);
            assertThatThrownBy(() -> ConfidenceSequence.interval(arm, bad)).hasMessageContaining("alpha");
            assertThatThrownBy(() -> ConfidenceSequence.difference(arm, arm, bad))
                    .hasMessageContaining("alpha");
            assertThatThrownBy(() -> ConfidenceSequence.bonferroni(bad, 2)).hasMessageContaining("alpha");
            assertThatThrownBy(() -> ConfidenceSequence.bonferroni(0.05, 0)).hasMessageContaining("arms");
        }
    }

    @Nested
    class Equal_arms {
        private static final Reference REFERENCE = Reference.named("equal-arms");

        @Test
        void evidence_matches() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                int arms = (int) REFERENCE.count(row, "arms");
                EqualArmsEProcess process = new EqualArmsEProcess(arms);
                long[] chosen = REFERENCE.counts(row, "chosen");
                double[] rewards = REFERENCE.numbers(row, "rewards");
                double[] propensities = REFERENCE.numbers(row, "propensities");
                for (int t = 0; t < chosen.length; t++) {
                    double[] e = Arrays.copyOfRange(propensities, t * arms, (t + 1) * arms);
                    process.add((int) chosen[t], rewards[t], e);
                }
                REFERENCE.check(row, "log_e", process.logValue(), 1e-10, 1e-13);
                REFERENCE.check(row, "largest", process.logMaximum(), 1e-10, 1e-13);
                assertThat(process.pValue()).isCloseTo(Math.exp(-process.logMaximum()), within(1e-15));
            }
        }

        @Test
        void certain_propensities_carry_no_evidence() {
            EqualArmsEProcess process = new EqualArmsEProcess(2);
            for (int t = 0; t < 100; t++) {
                process.add(t % 2, t % 2, new double[] {1 - t % 2, t % 2});
            }
            assertThat(process.logValue()).isZero();
            assertThat(process.pValue()).isOne();
        }

        @Test
        void evidence_outgrows_the_range_of_numbers() {
            EqualArmsEProcess process = new EqualArmsEProcess(2);
            for (int t = 0; t < 5000; t++) {
                process.add(t % 2, t % 2, new double[] {0.5, 0.5});
            }
            assertThat(process.logValue()).isGreaterThan(800).isFinite();
            assertThat(process.rejects(1e-300)).isTrue();
        }

        @Test
        void values_out_of_range_are_named() {
            EqualArmsEProcess process = new EqualArmsEProcess(2);
            double[] even = {0.5, 0.5};
            assertThatThrownBy(() -> new EqualArmsEProcess(0)).hasMessageContaining("arms");
            assertThatThrownBy(() -> process.add(-1, 1, even)).hasMessageContaining("arm must");
            assertThatThrownBy(() -> process.add(0, 2, even)).hasMessageContaining("reward");
            assertThatThrownBy(() -> process.add(0, 1, new double[] {0, 1})).hasMessageContaining("above 0");
            assertThatThrownBy(() -> process.add(0, 1, new double[] {1})).hasMessageContaining("propensities");
            assertThatThrownBy(() -> process.rejects(1)).hasMessageContaining("alpha");
        }
    }

    @Test
    void evidence_of_a_batch_of_one_is_that_of_the_decision() {
        EqualArmsEProcess single = new EqualArmsEProcess(2);
        EqualArmsEProcess batches = new EqualArmsEProcess(2);
        for (int i = 0; i < 300; i++) {
            int arm = i % 3 == 0 ? 0 : 1;
            int reward = i % 7 < 2 + 3 * arm ? 1 : 0;
            double[] propensities = {0.3 + 0.001 * i, 0.7 - 0.001 * i};
            single.add(arm, reward, propensities);
            batches.addAll(new long[] {1 - arm, arm}, new double[] {(1 - arm) * reward, arm * reward}, propensities);
            assertThat(batches.logValue()).isCloseTo(single.logValue(), within(1e-12));
        }
        assertThat(batches.logMaximum()).isCloseTo(single.logMaximum(), within(1e-12));
        assertThat(single.logMaximum()).isPositive();
    }
}
