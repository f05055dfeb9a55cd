package dev.bandit.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.sampling.BetaSampler;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;

class RankingTest {

    private final UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(20261122);

    @Test
    void the_first_rank_is_the_best_arm() {
        for (int i = 0; i < 200; i++) {
            double[] alpha = parameters(2 + random.nextInt(20));
            double[] beta = parameters(alpha.length);
            double[] best = BestArm.probabilities(alpha, beta);
            assertThat(Ranking.probabilities(alpha, beta, 1)[0])
                    .as("%s %s", Arrays.toString(alpha), Arrays.toString(beta))
                    .containsExactly(best, within(2e-8));
        }
    }

    @Test
    void the_last_rank_is_the_first_of_the_mirror_image_and_all_ranks_of_an_arm_sum_to_one() {
        for (int i = 0; i < 100; i++) {
            double[] alpha = parameters(2 + random.nextInt(8));
            double[] beta = parameters(alpha.length);
            double[][] ranks = Ranking.probabilities(alpha, beta, alpha.length);
            assertThat(ranks[alpha.length - 1]).containsExactly(BestArm.probabilities(beta, alpha), within(2e-8));
            for (int k = 0; k < alpha.length; k++) {
                int arm = k;
                assertThat(Arrays.stream(ranks).mapToDouble(rank -> rank[arm]).sum())
                        .isCloseTo(1, within(1e-8));
            }
        }
    }

    /** 6 standard errors of 1,000,000 draws, over 15 numbers: less than 1 in 10,000,000 false alarms. */
    @Test
    void draws_rank_the_same_way() {
        double[] alpha = {47, 8, 62, 142, 3};
        double[] beta = {12_198, 3_566, 15_993, 35_522, 2_367};
        int draws = 1_000_000;
        BetaSampler sampler = BetaSampler.of(random);
        int[][] counts = new int[3][alpha.length];
        double[] theta = new double[alpha.length];
        for (int i = 0; i < draws; i++) {
            for (int k = 0; k < alpha.length; k++) {
                theta[k] = sampler.sample(alpha[k], beta[k]);
            }
            int[] order = IntStream.range(0, alpha.length)
                    .boxed()
                    .sorted((a, b) -> Double.compare(theta[b], theta[a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int r = 0; r < 3; r++) {
                counts[r][order[r]]++;
            }
        }
        double[][] ranks = Ranking.probabilities(alpha, beta, 3);
        for (int r = 0; r < 3; r++) {
            for (int k = 0; k < alpha.length; k++) {
                double p = ranks[r][k];
                assertThat(counts[r][k] / (double) draws)
                        .isCloseTo(p, within(6 * Math.sqrt(p * (1 - p) / draws) + 1e-6));
            }
        }
    }

    @Test
    void ranks_that_are_not_there_are_refused() {
        double[] two = {1, 1};
        assertThatThrownBy(() -> Ranking.probabilities(two, two, 3)).hasMessage("ranks must be 1 to 2, but are 3");
        assertThatThrownBy(() -> Ranking.probabilities(two, two, 0)).hasMessage("ranks must be 1 to 2, but are 0");
    }

    private double[] parameters(int n) {
        double[] values = new double[n];
        Arrays.setAll(values, k -> Math.exp(Math.log(0.5) + random.nextDouble() * Math.log(2e5)));
        return values;
    }
}
