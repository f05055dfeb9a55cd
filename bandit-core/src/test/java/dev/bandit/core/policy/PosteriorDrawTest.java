package dev.bandit.core.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Quadrature and simulation against each other: 200,000 draws of the procedure fall as often on every arm as the computed
 * distribution says. Each arm's count is held to a bound that Bernstein's inequality passes with probability at least
 * 1 - 1e-9; over all arms and cases below, the tests fail by chance in fewer than one of 10^7 seeds.
 */
class PosteriorDrawTest {
    private static final long SEED = 20250601;
    private static final int DRAWS = 200_000;
    private static final double LOG_MISS = Math.log(2e9);

    private static final double[] ALPHA = {0.5, 40, 48, 12, 1, 3000, 5, 44, 0.7, 52};
    private static final double[] BETA = {0.5, 310, 350, 80, 30, 25000, 60, 333, 12, 365};

    private final UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);

    @Test
    void thompson_draws_follow_the_computed_probabilities() {
        int[] count = new int[ALPHA.length];
        for (int i = 0; i < DRAWS; i++) {
            count[Thompson.draw(random, ALPHA, BETA)]++;
        }
        assertFollows(new Thompson().distribution(Arms.of(ALPHA, BETA)), count);
    }

    @Test
    void top_two_draws_follow_the_computed_probabilities() {
        int[] count = new int[ALPHA.length];
        for (int i = 0; i < DRAWS; i++) {
            count[TopTwoThompson.draw(random, ALPHA, BETA)]++;
        }
        assertFollows(new TopTwoThompson().distribution(Arms.of(ALPHA, BETA)), count);
    }

    @Test
    void draws_from_the_computed_distribution_follow_it() {
        ArmDistribution distribution =
                new Thompson().distribution(Arms.of(ALPHA, BETA)).withFloor(0.02);
        int[] count = new int[ALPHA.length];
        for (int i = 0; i < DRAWS; i++) {
            count[distribution.draw(random.nextDouble())]++;
        }
        assertFollows(distribution, count);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 40})
    void thompson_draws_follow_for_posteriors_of_any_size(int arms) {
        double[] alpha = new double[arms];
        double[] beta = new double[arms];
        for (int k = 0; k < arms; k++) {
            double n = Math.exp(random.nextDouble(0, Math.log(2e7)));
            alpha[k] = Math.max(0.5, 0.1 * n);
            beta[k] = Math.max(0.5, 0.9 * n);
        }
        int[] count = new int[arms];
        for (int i = 0; i < DRAWS; i++) {
            count[Thompson.draw(random, alpha, beta)]++;
        }
        assertFollows(new Thompson().distribution(Arms.of(alpha, beta)), count);
    }

    @Test
    void a_certain_leader_is_left_for_a_challenger_every_other_time() {
        double[] alpha = {9e5, 100, 100};
        double[] beta = {1e5, 900, 900};
        int[] count = new int[3];
        for (int i = 0; i < 40; i++) {
            count[TopTwoThompson.draw(random, alpha, beta)]++;
        }
        // 40 fair coins agree with probability 2^-39.
        assertThat(count[0]).isBetween(1, 39);
    }

    @Test
    void a_single_arm_is_drawn() {
        assertThat(Thompson.draw(random, new double[] {2}, new double[] {3})).isZero();
        assertThat(TopTwoThompson.draw(random, new double[] {2}, new double[] {3}))
                .isZero();
    }

    @Test
    void arrays_of_unequal_length_are_refused() {
        assertThatThrownBy(() -> Thompson.draw(random, new double[2], new double[1]))
                .hasMessageContaining("2 and 1");
        assertThatThrownBy(() -> TopTwoThompson.draw(random, new double[0], new double[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void assertFollows(ArmDistribution distribution, int[] count) {
        assertThat(Arrays.stream(count).sum()).isEqualTo(DRAWS);
        for (int k = 0; k < count.length; k++) {
            double p = distribution.probability(k);
            double variance = DRAWS * p * (1 - p);
            double bound = LOG_MISS / 3 + Math.sqrt(LOG_MISS * LOG_MISS / 9 + 2 * variance * LOG_MISS);
            assertThat((double) count[k])
                    .as("arm %s of probability %s, seed %s", k, p, SEED)
                    .isBetween(DRAWS * p - bound, DRAWS * p + bound);
        }
    }
}
