package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.inference.AdaptiveMean.Prediction;
import dev.bandit.core.inference.AdaptiveMean.Weighting;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rewards that come after their decisions give what they would have given at once: inverse propensity weighting, m = 0. */
class RewardedLaterTest {
    private record Decision(double propensity, boolean chosen, double reward) {
        double gamma() {
            return chosen ? reward / propensity : 0;
        }
    }

    @ParameterizedTest
    @EnumSource(Weighting.class)
    void later_is_at_once_is_the_two_pass_formula(Weighting weighting) {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(61);
        for (int run = 0; run < 60; run++) {
            double floor = new double[] {0.001, 0.05, 0.5}[run % 3];
            boolean fractions = run % 2 == 0;
            List<Decision> decisions = new ArrayList<>();
            for (int t = 0; t < (run < 30 ? 50 : 5000); t++) {
                double propensity = t % 40 == 1 ? 1 : floor + (1 - floor) * Math.pow(random.nextDouble(), 3);
                boolean chosen = t == 0 || random.nextDouble() < propensity;
                double reward = random.nextDouble() < 0.3 || t == 0 ? fractions ? 1 - random.nextDouble() : 1 : 0;
                decisions.add(new Decision(propensity, chosen, reward));
            }
            AdaptiveMean atOnce = new AdaptiveMean(weighting, Prediction.NOTHING);
            AdaptiveMean later = new AdaptiveMean(weighting, Prediction.NOTHING);
            Queue<Decision> waiting = new ArrayDeque<>();
            for (Decision decision : decisions) {
                if (!decision.chosen) {
                    atOnce.passedOver(decision.propensity);
                    later.passedOver(decision.propensity);
                    continue;
                }
                atOnce.chosen(decision.propensity, decision.reward);
                later.chosen(decision.propensity, 0);
                waiting.add(decision);
                while (waiting.size() > 20 && random.nextBoolean()) {
                    reward(later, waiting.remove());
                }
            }
            waiting.forEach(decision -> reward(later, decision));
            Estimate expected = twoPass(weighting, decisions);
            check(atOnce, expected);
            check(later, expected);
            assertThat(later.rewards()).isEqualTo(atOnce.rewards());
        }
    }

    private static void reward(AdaptiveMean mean, Decision decision) {
        if (decision.reward > 0) {
            mean.rewarded(decision.propensity, decision.reward);
        }
    }

    private static void check(AdaptiveMean mean, Estimate expected) {
        Estimate actual = mean.estimate().orElseThrow();
        assertThat(actual.value()).isCloseTo(expected.value(), within(1e-12 * expected.value()));
        assertThat(actual.standardError())
                .isCloseTo(expected.standardError(), within(1e-12 * expected.standardError()));
    }

    private static Estimate twoPass(Weighting weighting, List<Decision> decisions) {
        double[] sums = new double[3];
        for (Decision decision : decisions) {
            double h = weighting == Weighting.UNIFORM ? 1 : Math.sqrt(decision.propensity);
            sums[0] += h;
            sums[1] += h * decision.gamma();
        }
        double q = sums[1] / sums[0];
        for (Decision decision : decisions) {
            double h = weighting == Weighting.UNIFORM ? 1 : Math.sqrt(decision.propensity);
            sums[2] += h * h * (decision.gamma() - q) * (decision.gamma() - q);
        }
        return new Estimate(q, Math.sqrt(sums[2]) / sums[0]);
    }

    @ParameterizedTest
    @EnumSource(Weighting.class)
    void scores_that_are_all_equal_are_undefined_however_they_came(Weighting weighting) {
        for (double reward : new double[] {1, 0.3, 1.0 / 3}) {
            for (int n = 1; n < 200_000; n = n * 5 / 4 + 1) {
                AdaptiveMean mean = new AdaptiveMean(weighting, Prediction.NOTHING);
                for (int t = 0; t < n; t++) {
                    mean.chosen(1, 0);
                }
                for (int t = 0; t < n; t++) {
                    mean.rewarded(1, reward);
                }
                assertThat(mean.estimate()).as("%s rewards of %s", n, reward).isEmpty();
            }
        }
    }

    @Test
    void only_what_was_added_can_be_rewarded() {
        AdaptiveMean running = new AdaptiveMean(Weighting.UNIFORM);
        assertThatThrownBy(() -> running.rewarded(0.5, 1)).isInstanceOf(IllegalStateException.class);
        AdaptiveMean mean = new AdaptiveMean(Weighting.UNIFORM, Prediction.NOTHING);
        mean.passedOver(0.5);
        assertThatThrownBy(() -> mean.rewarded(0.5, 1)).isInstanceOf(IllegalStateException.class);
        mean.chosen(0.5, 0);
        assertThatThrownBy(() -> mean.rewarded(0, 1)).hasMessageContaining("propensity");
        assertThatThrownBy(() -> mean.rewarded(0.5, 2)).hasMessageContaining("reward");
        mean.rewarded(0.5, 1);
        assertThat(mean.estimate().orElseThrow().value()).isEqualTo(1);
    }
}
