package dev.bandit.core.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.core.inference.Interval;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How often each interval at 95 % holds the truth, over 1,000 logs of 1,000 rounds, of which about 300 are effective, with settings
 * that clip, switch and shrink most of the larger weights. A true coverage within 2 points of 95 % fails by chance in less than one
 * of a million seeds.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OffPolicyCoverageTest {
    private static final int RUNS = 1_000;
    private static final int ROUNDS = 1_000;
    private static final double LEVEL = 0.95;
    private static final double MISSED = 0.02 + 4.9 * Math.sqrt(0.95 * 0.05 / RUNS);
    private static final OffPolicySettings SETTINGS = new OffPolicySettings(2, 2, 4, 256);
    private static final World WORLD = World.of(
            new double[][] {{0.1, 0.3, 0.5, 0.2}, {0.6, 0.2, 0.1, 0.4}, {0.3, 0.3, 0.2, 0.7}},
            new double[][] {{0.4, 0.3, 0.2, 0.1}, {0.1, 0.2, 0.3, 0.4}, {0.25, 0.25, 0.25, 0.25}},
            new double[][] {{0.1, 0.1, 0.6, 0.2}, {0.7, 0.1, 0.1, 0.1}, {0.05, 0.05, 0.1, 0.8}});

    private final Map<Estimator, Integer> normal = new EnumMap<>(Estimator.class);
    private final Map<Estimator, Integer> bootstrap = new EnumMap<>(Estimator.class);
    private final Map<Estimator, Integer> observed = new EnumMap<>(Estimator.class);
    private final Map<Estimator, Integer> bounded = new EnumMap<>(Estimator.class);

    /** Mean, and the square of its standard error. */
    private final Map<Estimator, Double> errors = new EnumMap<>(Estimator.class);

    private final Map<Estimator, Double> squares = new EnumMap<>(Estimator.class);

    @BeforeAll
    void play() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(81);
        Bounds bounds = new Bounds(0, 1, 10);
        for (int run = 0; run < RUNS; run++) {
            OffPolicyResult result = WORLD.play(ROUNDS, SETTINGS, random).result();
            Map<Estimator, Interval> drawn = result.bootstrap(LEVEL, 200, random);
            for (Estimator estimator : Estimator.values()) {
                // What it clips is all that an interval of it cannot know.
                double truth = estimator == Estimator.CLIPPED_IPW
                        ? WORLD.mean((rate, weight) -> rate * Math.min(weight, 2))
                        : WORLD.value();
                double error = result.value(estimator).orElseThrow() - WORLD.value();
                errors.merge(estimator, error / RUNS, Double::sum);
                squares.merge(estimator, error * error / RUNS / RUNS, Double::sum);
                count(normal, estimator, result.estimate(estimator).map(estimate -> estimate.interval(LEVEL)), truth);
                count(bootstrap, estimator, Optional.ofNullable(drawn.get(estimator)), truth);
                count(observed, estimator, result.bernstein(estimator, LEVEL), truth);
                count(bounded, estimator, result.bernstein(estimator, LEVEL, bounds), truth);
            }
        }
    }

    private static void count(
            Map<Estimator, Integer> held, Estimator estimator, Optional<Interval> interval, double truth) {
        held.merge(estimator, interval.isPresent() && interval.get().contains(truth) ? 1 : 0, Integer::sum);
    }

    @ParameterizedTest
    @EnumSource
    void normal_intervals_hold_as_often_as_they_say(Estimator estimator) {
        assertThat(normal.get(estimator) / (double) RUNS).isBetween(LEVEL - MISSED, Math.min(0.99, LEVEL + MISSED));
    }

    @ParameterizedTest
    @EnumSource
    void bootstrap_intervals_hold_as_often_as_they_say(Estimator estimator) {
        assertThat(bootstrap.get(estimator) / (double) RUNS).isBetween(LEVEL - MISSED, Math.min(0.99, LEVEL + MISSED));
    }

    @ParameterizedTest
    @EnumSource(names = {"IPW", "CLIPPED_IPW", "DR"})
    void empirical_bernstein_intervals_hold_nearly_always(Estimator estimator) {
        assertThat(observed.get(estimator)).isGreaterThan((int) (0.99 * RUNS));
        assertThat(bounded.get(estimator)).isGreaterThan((int) (0.99 * RUNS));
    }

    @Test
    void unbiased_estimates_are_right_on_average_and_clipping_is_not() {
        for (Estimator estimator : new Estimator[] {Estimator.IPW, Estimator.DR}) {
            assertThat(Math.abs(errors.get(estimator))).isLessThan(4.9 * Math.sqrt(squares.get(estimator)));
        }
        assertThat(errors.get(Estimator.CLIPPED_IPW)).isLessThan(-0.1);
    }
}
