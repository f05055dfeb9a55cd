package dev.bandit.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.core.posterior.BetaPosterior;
import java.util.Arrays;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BetaSamplerTest {
    private static final long SEED = 42;
    private static final int DRAWS = 200_000;

    /**
     * Kolmogorov-Smirnov: sqrt(n) D exceeds d with probability at most 2 exp(-2 d^2) (Massart 1990), which is 1e-8 at
     * d = 3.1. With twelve cases the whole test fails by chance in about one of 10^7 seeds.
     */
    @ParameterizedTest
    @CsvSource({
        "0.05, 0.05",
        "0.1, 3",
        "0.5, 0.5",
        "0.5, 1000",
        "0.999, 1.001",
        "1, 1",
        "1, 5",
        "2, 3",
        "30, 0.7",
        "200, 4000",
        "1e6, 1e7",
        "1e7, 1e7"
    })
    void draws_follow_the_posterior(double alpha, double beta) {
        BetaSampler sampler = BetaSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        double[] draws = new double[DRAWS];
        Arrays.setAll(draws, i -> sampler.sample(alpha, beta));
        Arrays.sort(draws);
        BetaPosterior posterior = new BetaPosterior(alpha, beta);
        double distance = 0;
        for (int i = 0; i < DRAWS; i += 7) {
            // Rates that round to 1 are one lump, which says nothing about where the draws within it fell.
            if (draws[i] < 1) {
                double f = posterior.cdf(draws[i]);
                distance = Math.max(distance, Math.max(f - (i - 6.0) / DRAWS, i / (double) DRAWS - f));
            }
        }
        assertThat(Math.sqrt(DRAWS) * distance).as("seed %s", SEED).isLessThan(3.1 + 7 / Math.sqrt(DRAWS));
    }

    @Test
    void odds_and_rate_are_the_same_draw() {
        BetaSampler rates = BetaSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        BetaSampler odds = BetaSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        for (int i = 0; i < 1000; i++) {
            double o = odds.odds(2, 0.7);
            assertThat(rates.sample(2, 0.7)).isCloseTo(o / (1 + o), org.assertj.core.api.Assertions.within(1e-15));
        }
    }

    @Test
    void a_draw_is_a_rate_even_where_odds_overflow() {
        BetaSampler sampler = BetaSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        for (int i = 0; i < 10_000; i++) {
            assertThat(sampler.sample(1e-4, 1e-4)).isBetween(0.0, 1.0);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void parameters_out_of_range_are_named(double bad) {
        BetaSampler sampler = BetaSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        assertThatThrownBy(() -> sampler.sample(bad, 1)).hasMessageContaining("" + bad);
        assertThatThrownBy(() -> sampler.odds(1, bad)).hasMessageContaining("" + bad);
    }
}
