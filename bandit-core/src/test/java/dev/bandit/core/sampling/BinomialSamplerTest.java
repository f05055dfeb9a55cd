package dev.bandit.core.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.core.posterior.BetaPosterior;
import java.util.Arrays;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinomialSamplerTest {
    private static final long SEED = 42;
    private static final int DRAWS = 200_000;

    /**
     * Kolmogorov-Smirnov, whose bound 2 exp(-2 d^2) also holds for lumps: 1e-8 at d = 3.1. With eleven cases the whole test
     * fails by chance in about one of 10^7 seeds.
     */
    @ParameterizedTest
    @CsvSource({
        "1, 0.3",
        "2, 0.5",
        "7, 0.9",
        "40, 0.2",
        "99, 0.1",
        "101, 0.1",
        "25, 0.5",
        "1000, 0.004",
        "1000, 0.6",
        "1000000, 0.02",
        "3000000000, 0.5"
    })
    void draws_follow_the_binomial(long n, double p) {
        BinomialSampler sampler = BinomialSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        long[] draws = new long[DRAWS];
        Arrays.setAll(draws, i -> sampler.sample(n, p));
        Arrays.sort(draws);
        double distance = 0;
        for (int i = 0; i < DRAWS; i++) {
            if (i + 1 == DRAWS || draws[i + 1] > draws[i]) {
                long k = draws[i];
                assertThat(k).isBetween(0L, n);
                double f = k == n ? 1 : new BetaPosterior(n - k, k + 1).cdf(1 - p);
                distance = Math.max(distance, Math.abs((i + 1.0) / DRAWS - f));
            }
        }
        assertThat(Math.sqrt(DRAWS) * distance).isLessThan(3.1);
    }

    @Test
    void certain_outcomes_are_certain() {
        BinomialSampler sampler = BinomialSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        assertThat(sampler.sample(0, 0.5)).isZero();
        assertThat(sampler.sample(1000, 0)).isZero();
        assertThat(sampler.sample(1000, 1)).isEqualTo(1000);
    }

    /** Each place is held to 5.5 standard deviations: one of 10^6 seeds fails. */
    @Test
    void a_multinomial_gives_every_place_its_share() {
        BinomialSampler sampler = BinomialSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        double[] shares = {0.1, 0, 0.6, 0.3};
        long n = 1_000_000;
        long[] counts = new long[4];
        sampler.multinomial(n, shares, counts);
        assertThat(Arrays.stream(counts).sum()).isEqualTo(n);
        for (int k = 0; k < 4; k++) {
            double slack = 5.5 * Math.sqrt(n * shares[k] * (1 - shares[k]));
            assertThat((double) counts[k]).isBetween(n * shares[k] - slack, n * shares[k] + slack);
        }
    }

    @Test
    void refuses_what_is_no_binomial() {
        BinomialSampler sampler = BinomialSampler.of(RandomSource.XO_SHI_RO_256_PP.create(SEED));
        assertThatThrownBy(() -> sampler.sample(-1, 0.5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sampler.sample(1, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
