package dev.bandit.core.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.evaluation.Overlap.Verdict;
import dev.bandit.core.inference.Estimate;
import dev.bandit.core.inference.Interval;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.apache.commons.rng.simple.RandomSource;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OffPolicyEvaluationTest {
    private static final OffPolicySettings SETTINGS = new OffPolicySettings(3, 5, 20, 64);
    private static final double SAME = 1e-12;

    private record Round(
            int bucket,
            double reward,
            double propensity,
            double target,
            double predicted,
            double expected,
            long count) {
        void addTo(OffPolicyEvaluation evaluation) {
            evaluation.add(bucket, reward, propensity, target, predicted, expected, count);
        }
    }

    /** Weights of six orders of magnitude; rewards whose mean is {@code offset} times their spread. */
    private static List<Round> rounds(double offset) {
        Random random = new Random(71);
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            double propensity = Math.pow(10, -3 * random.nextDouble());
            double target = random.nextInt(4) == 0 ? 0 : Math.pow(10, -3 * random.nextDouble());
            rounds.add(new Round(
                    random.nextInt(64),
                    offset + random.nextGaussian(),
                    propensity,
                    target,
                    offset + random.nextGaussian(),
                    offset + random.nextGaussian(),
                    1 + random.nextInt(20)));
        }
        return rounds;
    }

    private static OffPolicyEvaluation of(List<Round> rounds) {
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(SETTINGS);
        rounds.forEach(round -> round.addTo(evaluation));
        return evaluation;
    }

    private static Offset<Double> same(double value) {
        return within(SAME * Math.abs(value));
    }

    static void checkSame(OffPolicyResult actual, OffPolicyResult expected) {
        assertThat(actual.rounds()).isEqualTo(expected.rounds());
        Map<Estimator, Interval> boot = actual.bootstrap(0.9, 100, RandomSource.XO_SHI_RO_256_PP.create(72));
        Map<Estimator, Interval> expectedBoot = expected.bootstrap(0.9, 100, RandomSource.XO_SHI_RO_256_PP.create(72));
        assertThat(boot).hasSize(Estimator.values().length);
        for (Estimator estimator : Estimator.values()) {
            Estimate value = actual.estimate(estimator).orElseThrow();
            Estimate other = expected.estimate(estimator).orElseThrow();
            assertThat(value.value()).as("%s", estimator).isCloseTo(other.value(), same(other.value()));
            assertThat(value.standardError())
                    .as("%s", estimator)
                    .isCloseTo(other.standardError(), same(other.standardError()));
            checkSame(actual.bernstein(estimator, 0.9), expected.bernstein(estimator, 0.9));
            checkSame(Optional.of(boot.get(estimator)), Optional.of(expectedBoot.get(estimator)));
        }
        assertThat(actual.overlap(0).effectiveRounds())
                .isCloseTo(
                        expected.overlap(0).effectiveRounds(),
                        same(expected.overlap(0).effectiveRounds()));
        assertThat(actual.overlap(0).maxWeight()).isEqualTo(expected.overlap(0).maxWeight());
    }

    private static void checkSame(Optional<Interval> actual, Optional<Interval> expected) {
        assertThat(actual.isPresent()).isEqualTo(expected.isPresent());
        actual.ifPresent(interval -> {
            double size = Math.max(
                    Math.abs(expected.orElseThrow().lower()),
                    Math.abs(expected.orElseThrow().upper()));
            assertThat(interval.lower()).isCloseTo(expected.orElseThrow().lower(), same(size));
            assertThat(interval.upper()).isCloseTo(expected.orElseThrow().upper(), same(size));
        });
    }

    @Nested
    class Any_way_of_adding_gives_the_same_to_1e12 {
        @ParameterizedTest
        @ValueSource(doubles = {0, 1, 1e6})
        void in_any_order(double offset) {
            List<Round> rounds = rounds(offset);
            OffPolicyResult expected = of(rounds).result();
            Collections.shuffle(rounds, new Random(73));
            checkSame(of(rounds).result(), expected);
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, 1, 1e6})
        void in_any_parts_sent_as_numbers(double offset) {
            List<Round> rounds = rounds(offset);
            OffPolicyEvaluation merged = new OffPolicyEvaluation(SETTINGS);
            for (int from = 0; from < rounds.size(); from += 613) {
                OffPolicyEvaluation part = of(rounds.subList(from, Math.min(rounds.size(), from + 613)));
                merged.merge(OffPolicyEvaluation.of(SETTINGS, part.state()));
            }
            checkSame(merged.result(), of(rounds).result());
        }

        @ParameterizedTest
        @ValueSource(doubles = {0, 1, 1e6})
        void counted_or_one_by_one(double offset) {
            List<Round> rounds = rounds(offset);
            OffPolicyEvaluation single = new OffPolicyEvaluation(SETTINGS);
            for (Round r : rounds) {
                for (long i = 0; i < r.count; i++) {
                    single.add(r.bucket, r.reward, r.propensity, r.target, r.predicted, r.expected, 1);
                }
            }
            checkSame(single.result(), of(rounds).result());
        }
    }

    /** Plain sums of squares would keep three digits of it. */
    @Test
    void spread_is_not_lost_beside_a_large_mean() {
        List<Round> small = new ArrayList<>();
        List<Round> large = new ArrayList<>();
        Random random = new Random(74);
        for (int i = 0; i < 1_000; i++) {
            // Multiples of 2^-10, so that the offset changes no digit of them.
            double reward = random.nextInt(1024) / 1024.0;
            small.add(new Round(i % 64, reward, 1, 1, 0, 0, 1));
            large.add(new Round(i % 64, reward + 1e6, 1, 1, 0, 0, 1));
        }
        double expected =
                of(small).result().estimate(Estimator.IPW).orElseThrow().standardError();
        for (Estimator estimator : List.of(Estimator.IPW, Estimator.SNIPW, Estimator.DR, Estimator.SNDR)) {
            assertThat(of(large).result().estimate(estimator).orElseThrow().standardError())
                    .as("%s", estimator)
                    .isCloseTo(expected, same(expected));
        }
    }

    @Nested
    class Undefined {
        @ParameterizedTest
        @EnumSource
        void without_rounds(Estimator estimator) {
            OffPolicyResult nothing = new OffPolicyEvaluation(SETTINGS).result();
            assertThat(nothing.value(estimator)).isEmpty();
            assertThat(nothing.estimate(estimator)).isEmpty();
            assertThat(nothing.bernstein(estimator, 0.95)).isEmpty();
            assertThat(nothing.bootstrap(0.95, 100, RandomSource.XO_SHI_RO_256_PP.create(75)))
                    .isEmpty();
            assertThat(nothing.overlap(0)).isEqualTo(new Overlap(0, 0, 0, 0, 0, Verdict.TOO_FEW_EFFECTIVE_ROUNDS));
        }

        @ParameterizedTest
        @EnumSource
        void intervals_if_nothing_varies(Estimator estimator) {
            OffPolicyEvaluation equal = new OffPolicyEvaluation(SETTINGS);
            for (int i = 0; i < 640; i++) {
                equal.add(i % 64, 0.1, 0.7, 0.3, 0.2, 0.3, 1 + i % 3);
            }
            OffPolicyResult result = equal.result();
            assertThat(result.value(estimator)).isPresent();
            assertThat(result.estimate(estimator)).isEmpty();
            assertThat(result.bernstein(estimator, 0.95)).isEmpty();
        }

        @ParameterizedTest
        @EnumSource(names = {"SNIPW", "SNDR"})
        void what_is_normalised_by_weights_of_0(Estimator estimator) {
            OffPolicyEvaluation never = new OffPolicyEvaluation(SETTINGS);
            for (int i = 0; i < 640; i++) {
                never.add(i % 64, i % 2, 0.5, 0, 0.2, 0.3, 1);
            }
            assertThat(never.result().value(estimator)).isEmpty();
            assertThat(never.result().estimate(estimator)).isEmpty();
            assertThat(never.result().bootstrap(0.95, 100, RandomSource.XO_SHI_RO_256_PP.create(76)))
                    .doesNotContainKey(estimator);
        }
    }

    @Test
    void what_cannot_be_is_refused_and_changes_nothing() {
        OffPolicyEvaluation e = new OffPolicyEvaluation(SETTINGS);
        double[] before = e.state();
        assertThatThrownBy(() -> e.add(64, 1, 0.5, 0.5, 0, 0, 1)).hasMessageContaining("bucket");
        assertThatThrownBy(() -> e.add(0, Double.NaN, 0.5, 0.5, 0, 0, 1)).hasMessageContaining("reward");
        assertThatThrownBy(() -> e.add(0, 1, 0, 0.5, 0, 0, 1)).hasMessageContaining("propensity");
        assertThatThrownBy(() -> e.add(0, 1, 1.5, 0.5, 0, 0, 1)).hasMessageContaining("propensity");
        assertThatThrownBy(() -> e.add(0, 1, 0.5, -0.5, 0, 0, 1)).hasMessageContaining("target");
        assertThatThrownBy(() -> e.add(0, 1, 1e-300, 0.5, 0, 0, 1)).hasMessageContaining("1e15");
        assertThatThrownBy(() -> e.add(0, 1, 0.5, 0.5, 1e200, 0, 1)).hasMessageContaining("predicted");
        assertThatThrownBy(() -> e.add(0, 1, 0.5, 0.5, 0, Double.NaN, 1)).hasMessageContaining("expected");
        assertThatThrownBy(() -> e.add(0, 1, 0.5, 0.5, 0, 0, 0)).hasMessageContaining("count");
        assertThat(e.state()).isEqualTo(before);
        assertThatThrownBy(() -> e.merge(new OffPolicyEvaluation(OffPolicySettings.DEFAULT)))
                .hasMessageContaining("same settings");
        assertThatThrownBy(() -> OffPolicyEvaluation.of(OffPolicySettings.DEFAULT, before))
                .hasMessageContaining("256 buckets");
        assertThatThrownBy(() -> new OffPolicySettings(-1, 1, 1, 8)).hasMessageContaining("clip");
        assertThatThrownBy(() -> new OffPolicySettings(1, Double.NaN, 1, 8)).hasMessageContaining("tau");
        assertThatThrownBy(() -> new OffPolicySettings(1, 1, 1, 0)).hasMessageContaining("buckets");
        assertThatThrownBy(() -> e.result().overlap(1.5)).hasMessageContaining("untried");
        assertThatThrownBy(() -> e.result().bernstein(Estimator.IPW, 1)).hasMessageContaining("level");
        assertThatThrownBy(() -> e.result().bootstrap(0.95, 99, RandomSource.XO_SHI_RO_256_PP.create(77)))
                .hasMessageContaining("replicates");
    }

    @Test
    void bounds_that_a_round_breaks_are_refused() {
        OffPolicyEvaluation e = new OffPolicyEvaluation(SETTINGS);
        e.add(0, 1, 0.25, 1, 0.5, 0.5, 3);
        e.add(1, 0, 0.5, 0.5, 0.5, 0.5, 3);
        OffPolicyResult result = e.result();
        assertThat(result.bernstein(Estimator.IPW, 0.95, new Bounds(0, 1, 4))).isPresent();
        assertThatThrownBy(() -> result.bernstein(Estimator.IPW, 0.95, new Bounds(0, 1, 3.9)))
                .hasMessageContaining("weights go to 4.0");
        assertThatThrownBy(() -> result.bernstein(Estimator.IPW, 0.95, new Bounds(0, 0.5, 4)))
                .hasMessageContaining("terms of ipw");
        assertThatThrownBy(() -> new Bounds(1, 0, 4)).hasMessageContaining("highest");
        assertThatThrownBy(() -> new Bounds(0, 1, 0)).hasMessageContaining("weight");
    }

    /** Alike within units, the rounds of 300 units say no more than 300 rounds: buckets by unit know it, the rounds do not. */
    @Test
    void buckets_by_unit_know_that_rounds_of_a_unit_are_alike() {
        OffPolicyEvaluation e = new OffPolicyEvaluation(OffPolicySettings.DEFAULT);
        Random random = new Random(78);
        for (int unit = 0; unit < 2_000; unit++) {
            e.add(random.nextInt(256), random.nextInt(2), 0.5, 0.5, 0.5, 0.5, 20);
        }
        double normal =
                e.result().estimate(Estimator.IPW).orElseThrow().interval(0.95).width();
        double byUnit = e.result()
                .bootstrap(0.95, 1_000, RandomSource.XO_SHI_RO_256_PP.create(79))
                .get(Estimator.IPW)
                .width();
        assertThat(byUnit / normal).isBetween(0.8 * Math.sqrt(20), 1.25 * Math.sqrt(20));
    }
}
