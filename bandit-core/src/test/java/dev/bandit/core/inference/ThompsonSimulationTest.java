package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.core.inference.Coverage.Kind;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What holds under Thompson allocation: 2,000 runs of 2,000 decisions, a floor of 0.01, of two equal and of two different arms. A
 * coverage is held to a stated true value less 5.5 standard deviations, which chance passes in fewer than one of 10^6 seeds.
 */
class ThompsonSimulationTest {
    private static final long SEED = 20260101;
    private static final int RUNS = 2000;
    private static final int DECISIONS = 2000;
    private static final int BATCH = 10;
    private static final double FLOOR = 0.01;

    private static final Coverage EQUAL = new Coverage(run(0.1, 0.1));
    private static final Coverage DIFFERENT = new Coverage(run(0.1, 0.15));

    @BeforeAll
    static void play() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
        for (int i = 0; i < RUNS; i++) {
            EQUAL.add(random);
            DIFFERENT.add(random);
        }
    }

    /** The true rate is between 0.001 and 0.0015; of 4,000 runs more than 24 then raise an alarm in one of 10^7 seeds. */
    @Test
    void sample_ratio_seldom_raises_a_false_alarm() {
        assertThat(EQUAL.mismatches() + DIFFERENT.mismatches()).isLessThanOrEqualTo(24);
    }

    /** Arms given out evenly while Thompson's propensities are logged; an even chance of an alarm would pass once in 10^6. */
    @Test
    void sample_ratio_finds_propensities_that_are_not_those_of_the_draw() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
        for (int i = 0; i < 20; i++) {
            AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(2);
            run(0.1, 0.3).play(random, (arm, reward, e) -> ratio.add(random.nextInt(2), e));
            assertThat(ratio.result().orElseThrow().isMismatch()).isTrue();
        }
    }

    /** The approximation is still young where an arm has had a hundred decisions: hence less than 95 % is asked for. */
    @Test
    void adaptively_weighted_intervals_come_near_their_level() {
        assertCovers(EQUAL, Kind.WEIGHTED, 0.92, 0.92, 0.89);
        assertCovers(DIFFERENT, Kind.WEIGHTED, 0.89, 0.94, 0.89);
    }

    /** True rates are near 0.84 and 0.906: 1 in 10^9 seeds has them in the wrong order. */
    @Test
    void the_naive_interval_misses_more_often() {
        assertThat(EQUAL.rate(Kind.WALD, 2)).isLessThan(EQUAL.rate(Kind.WEIGHTED, 2));
    }

    @Test
    void confidence_sequences_hold_at_all_times() {
        assertCovers(EQUAL, Kind.ALWAYS, 0.95, 0.95, 0);
        assertCovers(DIFFERENT, Kind.ALWAYS, 0.95, 0.95, 0);
        assertCovers(EQUAL, Kind.SEQUENCE, 0.95, 0.95, 0.95);
        assertCovers(DIFFERENT, Kind.SEQUENCE, 0.95, 0.95, 0.95);
    }

    /** 5.5 standard deviations above 5 %: passed in fewer than one of 10^6 seeds. */
    @Test
    void evidence_that_equal_arms_differ_is_rare() {
        assertThat(EQUAL.rejections() / (double) RUNS).isLessThan(0.05 + slack(0.05));
    }

    private static void assertCovers(Coverage coverage, Kind kind, double... atLeast) {
        assertThat(coverage.runs()).isEqualTo(RUNS);
        for (int place = 0; place < atLeast.length; place++) {
            assertThat(coverage.rate(kind, place))
                    .as("%s, place %s of %s", kind, place, Arrays.toString(atLeast))
                    .isGreaterThanOrEqualTo(atLeast[place] - slack(atLeast[place]));
        }
    }

    private static double slack(double rate) {
        return 5.5 * Math.sqrt(rate * (1 - rate) / RUNS);
    }

    private static ThompsonRun run(double... rates) {
        return new ThompsonRun(rates, DECISIONS, BATCH, FLOOR);
    }
}
