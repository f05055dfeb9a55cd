package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.inference.AdaptiveMean.Prediction;
import dev.bandit.core.inference.AdaptiveMean.Weighting;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is kept and gone on from gives what would have come out without a break. */
class KeptStateTest {
    private final UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(51);

    @ParameterizedTest
    @CsvSource({"UNIFORM, RUNNING_MEAN", "SQRT_PROPENSITY, RUNNING_MEAN", "UNIFORM, NOTHING", "SQRT_PROPENSITY, NOTHING"
    })
    void a_mean(Weighting weighting, Prediction prediction) {
        AdaptiveMean whole = new AdaptiveMean(weighting, prediction);
        AdaptiveMean kept = new AdaptiveMean(weighting, prediction);
        for (int t = 0; t < 3000; t++) {
            if (t % 97 == 0) {
                kept = new AdaptiveMean(weighting, prediction, kept.state());
            }
            double propensity = t % 31 == 0 ? 0 : 0.01 + 0.98 * random.nextDouble();
            double reward = random.nextDouble();
            boolean chosen = random.nextDouble() < propensity;
            boolean later = prediction == Prediction.NOTHING && t % 3 == 0;
            for (AdaptiveMean mean : new AdaptiveMean[] {whole, kept}) {
                if (!chosen) {
                    mean.passedOver(propensity);
                } else if (later) {
                    mean.chosen(propensity, 0);
                    mean.rewarded(propensity, reward);
                } else {
                    mean.chosen(propensity, reward);
                }
            }
            assertThat(kept.estimate().isPresent()).isEqualTo(whole.estimate().isPresent());
        }
        Estimate expected = whole.estimate().orElseThrow();
        Estimate actual = kept.estimate().orElseThrow();
        assertThat(actual.value()).isCloseTo(expected.value(), relative(1e-15, expected.value()));
        assertThat(actual.standardError())
                .isCloseTo(expected.standardError(), relative(1e-15, expected.standardError()));
        assertThat(kept.rewards()).isEqualTo(whole.rewards());
        assertThat(kept.state()).isEqualTo(whole.state());
    }

    @Test
    void evidence_against_equal_arms_although_arms_are_added() {
        for (int run = 0; run < 20; run++) {
            EqualArmsEProcess whole = new EqualArmsEProcess(5);
            EqualArmsEProcess kept = new EqualArmsEProcess(2);
            int arms = 2;
            for (int t = 0; t < 2000; t++) {
                if (t % 100 == 50) {
                    arms = Math.min(5, arms + (t % 300 == 50 ? 1 : 0));
                    kept = new EqualArmsEProcess(arms, kept.state());
                }
                double[] e = propensities(arms);
                int arm = drawn(e);
                double reward = t % 5 == 0 ? random.nextDouble() : random.nextDouble() < 0.1 + 0.05 * arm ? 1 : 0;
                kept.add(arm, reward, e);
                whole.add(arm, reward, Arrays.copyOf(e, 5));
            }
            assertThat(kept.logValue()).isCloseTo(whole.logValue(), relative(1e-12, whole.logValue()));
            assertThat(kept.logMaximum()).isCloseTo(whole.logMaximum(), relative(1e-12, whole.logMaximum()));
            assertThat(kept.state().trials()).isEqualTo(whole.state().trials());
            assertThat(kept.state().successes()).isEqualTo(whole.state().successes());
        }
    }

    @Test
    void a_sample_ratio_although_arms_are_added() {
        for (int run = 0; run < 20; run++) {
            AdaptiveSampleRatio whole = new AdaptiveSampleRatio(6);
            AdaptiveSampleRatio kept = new AdaptiveSampleRatio(2);
            int arms = 2;
            for (int t = 0; t < 2000; t++) {
                if (t % 100 == 50) {
                    arms = Math.min(6, arms + (t % 300 == 50 ? 1 : 0));
                    kept = new AdaptiveSampleRatio(arms, kept.state());
                }
                double[] e = propensities(arms);
                int arm = drawn(e);
                kept.add(arm, e);
                whole.add(arm, Arrays.copyOf(e, 6));
            }
            SampleRatio expected = whole.result().orElseThrow();
            SampleRatio actual = kept.result().orElseThrow();
            assertThat(actual.statistic()).isCloseTo(expected.statistic(), relative(1e-12, expected.statistic()));
            assertThat(actual.degreesOfFreedom()).isEqualTo(expected.degreesOfFreedom());
            assertThat(actual.leastExpected()).isCloseTo(expected.leastExpected(), within(1e-9));
            assertThat(actual.pValue()).isCloseTo(expected.pValue(), within(1e-12));
            assertThat(kept.state().counts()).isEqualTo(whole.state().counts());
        }
    }

    @Test
    void an_impossible_choice_is_not_forgotten() {
        AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(2);
        ratio.add(1, new double[] {1, 0});
        AdaptiveSampleRatio kept = new AdaptiveSampleRatio(3, ratio.state());
        kept.add(2, new double[] {0, 0.5, 0.5});
        assertThat(kept.result().orElseThrow().isMismatch()).isTrue();
    }

    @Test
    void one_decision_is_what_a_batch_of_one_is() {
        AdaptiveSampleRatio single = new AdaptiveSampleRatio(7);
        AdaptiveSampleRatio batch = new AdaptiveSampleRatio(7);
        for (int t = 0; t < 3000; t++) {
            double[] e = propensities(7);
            int arm = t == 2999 ? random.nextInt(7) : drawn(e);
            long[] chosen = new long[7];
            chosen[arm] = 1;
            single.add(arm, e);
            batch.add(chosen, e);
        }
        assertThat(single.state()).isEqualTo(batch.state());
        assertThat(single.result()).isEqualTo(batch.result());
    }

    @Test
    void what_was_refused_leaves_no_trace() {
        AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(2);
        assertThatThrownBy(() -> ratio.add(0, new double[] {0.5, 0.6})).isInstanceOf(IllegalArgumentException.class);
        assertThat(ratio.state()).isEqualTo(new AdaptiveSampleRatio(2).state());
    }

    @Test
    void arms_are_never_taken_away() {
        assertThatThrownBy(() -> new AdaptiveSampleRatio(2, new AdaptiveSampleRatio(3).state()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least the 3");
        assertThatThrownBy(() -> new EqualArmsEProcess(2, new EqualArmsEProcess(3).state()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least the 3");
    }

    /** Some of them 0. */
    private double[] propensities(int arms) {
        double[] e = new double[arms];
        double sum = 0;
        for (int k = 0; k < arms; k++) {
            e[k] = k > 0 && random.nextInt(4) == 0 ? 0 : 0.02 + random.nextDouble();
            sum += e[k];
        }
        for (int k = 0; k < arms; k++) {
            e[k] /= sum;
        }
        return e;
    }

    private int drawn(double[] e) {
        double u = random.nextDouble();
        for (int k = e.length - 1; k > 0; k--) {
            u -= e[k];
            if (u < 0) {
                return k;
            }
        }
        return 0;
    }

    private static Offset<Double> relative(double tolerance, double value) {
        return within(tolerance * Math.max(1e-3, Math.abs(value)));
    }
}
