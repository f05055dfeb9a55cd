package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SampleRatioTest {
    @Nested
    class Fixed {
        private static final Reference REFERENCE = Reference.named("sample-ratio");

        @Test
        void statistic_and_p_match() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                SampleRatio result = SampleRatio.fixed(
                                REFERENCE.counts(row, "counts"), REFERENCE.numbers(row, "shares"))
                        .orElseThrow();
                REFERENCE.check(row, "statistic", result.statistic(), 1e-9);
                REFERENCE.check(row, "p", result.pValue(), 1e-8);
            }
        }

        @Test
        void alarm_is_below_one_in_a_thousand() {
            // chi-squared of one degree of freedom exceeds 10.83 with probability 0.001
            assertThat(ratio(50_520, 49_480).isMismatch()).isFalse();
            assertThat(ratio(50_521, 49_479).isMismatch()).isTrue();
        }

        @Test
        void an_arm_without_share_is_left_out_unless_it_occurred() {
            double[] shares = {0.5, 0, 0.5};
            assertThat(SampleRatio.fixed(new long[] {4, 0, 6}, shares)
                            .orElseThrow()
                            .degreesOfFreedom())
                    .isOne();
            SampleRatio impossible =
                    SampleRatio.fixed(new long[] {4, 1, 6}, shares).orElseThrow();
            assertThat(impossible.pValue()).isZero();
            assertThat(impossible.isMismatch()).isTrue();
        }

        @Test
        void nothing_to_compare_is_undefined() {
            assertThat(SampleRatio.fixed(new long[] {0, 0}, new double[] {0.5, 0.5}))
                    .isEmpty();
            assertThat(SampleRatio.fixed(new long[] {7, 0}, new double[] {1, 0}))
                    .isEmpty();
        }

        @Test
        void values_out_of_range_are_named() {
            assertThatThrownBy(() -> SampleRatio.fixed(new long[2], new double[] {0.5, 0.4}))
                    .hasMessageContaining("sum to 1");
            assertThatThrownBy(() -> SampleRatio.fixed(new long[2], new double[] {2, -1}))
                    .hasMessageContaining("shares[0]");
            assertThatThrownBy(() -> SampleRatio.fixed(new long[2], new double[] {1}))
                    .hasMessageContaining("1 for 2 arms");
            assertThatThrownBy(() -> ratio(-1, 4)).hasMessageContaining("counts[0]");
        }

        private SampleRatio ratio(long... counts) {
            return SampleRatio.fixed(counts, new double[] {0.5, 0.5}).orElseThrow();
        }
    }

    @Nested
    class Adaptive {
        private static final Reference REFERENCE = Reference.named("adaptive-sample-ratio");

        @Test
        void statistic_and_p_match() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                Optional<SampleRatio> result = gathered(row).result();
                assertThat(result.isEmpty()).as("row %s", row).isEqualTo(REFERENCE.isUndefined(row, "p"));
                if (result.isPresent()) {
                    REFERENCE.check(row, "statistic", result.get().statistic(), 1e-9, 1e-12);
                    assertThat(result.get().degreesOfFreedom()).isEqualTo((int) REFERENCE.number(row, "df"));
                    REFERENCE.check(row, "p", result.get().pValue(), 1e-9);
                }
            }
        }

        @Test
        void any_order_and_partition_agree_to_1e_12() {
            UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(11);
            for (int row = 0; row < REFERENCE.size(); row++) {
                int arms = (int) REFERENCE.count(row, "arms");
                AdaptiveSampleRatio[] parts = new AdaptiveSampleRatio[3];
                Arrays.setAll(parts, i -> new AdaptiveSampleRatio(arms));
                long[] chosen = REFERENCE.counts(row, "chosen");
                double[] propensities = REFERENCE.numbers(row, "propensities");
                for (int at = chosen.length - arms; at >= 0; at -= arms) {
                    double[] e = Arrays.copyOfRange(propensities, at, at + arms);
                    for (int k = 0; k < arms; k++) {
                        for (long i = 0; i < chosen[at + k]; i++) {
                            parts[random.nextInt(3)].add(k, e);
                        }
                    }
                }
                parts[0].merge(parts[1]);
                parts[0].merge(parts[2]);
                Optional<SampleRatio> whole = gathered(row).result();
                Optional<SampleRatio> merged = parts[0].result();
                assertThat(merged.isPresent()).isEqualTo(whole.isPresent());
                if (whole.isPresent()) {
                    double expected = whole.get().statistic();
                    assertThat(merged.get().statistic()).isCloseTo(expected, within(1e-12 * Math.max(1, expected)));
                    assertThat(merged.get().degreesOfFreedom())
                            .isEqualTo(whole.get().degreesOfFreedom());
                    assertThat(merged.get().leastExpected())
                            .isCloseTo(whole.get().leastExpected(), within(1e-9));
                }
            }
        }

        @Test
        void constant_propensities_give_the_fixed_test() {
            AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(3);
            ratio.add(new long[] {40, 35, 25}, new double[] {0.5, 0.3, 0.2});
            SampleRatio fixed = SampleRatio.fixed(new long[] {40, 35, 25}, new double[] {0.5, 0.3, 0.2})
                    .orElseThrow();
            SampleRatio adaptive = ratio.result().orElseThrow();
            assertThat(adaptive.statistic()).isCloseTo(fixed.statistic(), within(1e-12));
            assertThat(adaptive.degreesOfFreedom()).isEqualTo(2);
            assertThat(adaptive.leastExpected()).isCloseTo(20, within(1e-12));
        }

        @Test
        void rare_arms_are_taken_together() {
            AdaptiveSampleRatio four = new AdaptiveSampleRatio(4);
            four.add(new long[] {60, 38, 2, 0}, new double[] {0.6, 0.37, 0.02, 0.01});
            AdaptiveSampleRatio three = new AdaptiveSampleRatio(3);
            three.add(new long[] {60, 38, 2}, new double[] {0.6, 0.37, 0.03});
            SampleRatio pooled = four.pooledResult(5).orElseThrow();
            assertThat(pooled.degreesOfFreedom()).isEqualTo(2);
            assertThat(pooled.statistic())
                    .isCloseTo(three.result().orElseThrow().statistic(), within(1e-12));
        }

        @Test
        void without_a_choice_it_is_undefined() {
            AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(2);
            assertThat(ratio.result()).isEmpty();
            ratio.add(0, new double[] {1, 0});
            assertThat(ratio.result()).isEmpty();
        }

        @Test
        void an_arm_chosen_against_its_propensity_of_0_is_a_mismatch_for_good() {
            AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(2);
            ratio.add(1, new double[] {1, 0});
            assertThat(ratio.result().orElseThrow().isMismatch()).isTrue();
            ratio.add(new long[] {500, 500}, new double[] {0.5, 0.5});
            assertThat(ratio.result().orElseThrow().pValue()).isZero();
        }

        @Test
        void values_out_of_range_are_named() {
            AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(2);
            assertThatThrownBy(() -> new AdaptiveSampleRatio(0)).hasMessageContaining("arms");
            assertThatThrownBy(() -> ratio.add(2, new double[] {0.5, 0.5})).hasMessageContaining("arm must");
            assertThatThrownBy(() -> ratio.add(0, new double[] {0.5, 0.6})).hasMessageContaining("sum to 1");
            assertThatThrownBy(() -> ratio.add(0, new double[] {Double.NaN, 1}))
                    .hasMessageContaining("propensities[0]");
            assertThatThrownBy(() -> ratio.add(new long[1], new double[] {0.5, 0.5}))
                    .hasMessageContaining("chosen");
            assertThatThrownBy(() -> ratio.merge(new AdaptiveSampleRatio(3))).hasMessageContaining("2 arms");
            assertThatThrownBy(() -> ratio.pooledResult(-1)).hasMessageContaining("leastExpected");
        }

        private AdaptiveSampleRatio gathered(int row) {
            int arms = (int) REFERENCE.count(row, "arms");
            long[] chosen = REFERENCE.counts(row, "chosen");
            double[] propensities = REFERENCE.numbers(row, "propensities");
            AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(arms);
            for (int at = 0; at < chosen.length; at += arms) {
                ratio.add(Arrays.copyOfRange(chosen, at, at + arms), Arrays.copyOfRange(propensities, at, at + arms));
            }
            return ratio;
        }
    }
}
