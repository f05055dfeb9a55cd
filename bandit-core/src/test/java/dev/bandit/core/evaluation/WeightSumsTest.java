package dev.bandit.core.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightSumsTest {
    private static final int FOLDS = 3;
    private static final double[] REWARDS = {0, 1, -0.25};

    /** By cell and arm. */
    private static final double[][] TARGET = {{0.5, 0.3, 0.2, 0}, {0.1, 0.2, 0.3, 0.4}};

    private record Round(int bucket, int arm, int cell, int reward, double propensity) {}

    private static List<Round> rounds(DoubleSupplier propensities) {
        Random random = new Random(91);
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            int reward = Math.max(0, random.nextInt(10) - 7);
            rounds.add(new Round(
                    random.nextInt(64), random.nextInt(4), random.nextInt(2), reward, propensities.getAsDouble()));
        }
        return rounds;
    }

    private static WeightSums sums(List<Round> rounds, OffPolicySettings settings) {
        WeightSums sums = new WeightSums(settings, FOLDS, TARGET, REWARDS);
        rounds.forEach(r -> sums.add(r.bucket, r.arm, r.cell, r.reward, r.propensity));
        return sums;
    }

    private static OffPolicyResult together(List<Round> rounds, OffPolicySettings settings) {
        WeightSums sums = sums(rounds, settings);
        return sums.evaluation(sums.model().predictions()).result();
    }

    private static OffPolicyResult oneByOne(List<Round> rounds, OffPolicySettings settings) {
        CellRewardModel model = new CellRewardModel(4, 2, FOLDS);
        rounds.forEach(r -> model.add(r.bucket, r.arm, r.cell, REWARDS[r.reward], 1));
        CellRewardModel.Predictions predictions = model.predictions();
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
        for (Round r : rounds) {
            evaluation.add(
                    r.bucket,
                    REWARDS[r.reward],
                    r.propensity,
                    TARGET[r.cell][r.arm],
                    predictions.predicted(r.bucket, r.arm, r.cell),
                    predictions.expected(r.bucket, r.cell, TARGET[r.cell]),
                    1);
        }
        return evaluation.result();
    }

    private enum Propensities {
        CONSTANT,
        FEW,
        ALL_DISTINCT,
        OF_SIX_ORDERS_OF_MAGNITUDE;

        DoubleSupplier of(Random random) {
            return () -> switch (this) {
                case CONSTANT -> 0.25;
                case FEW -> (1 + random.nextInt(5)) / 7.0;
                case ALL_DISTINCT -> 0.05 + 0.9 * random.nextDouble();
                case OF_SIX_ORDERS_OF_MAGNITUDE -> Math.pow(10, -6 * random.nextDouble());
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void results_are_those_of_rounds_added_one_by_one(Propensities propensities) {
        List<Round> rounds = rounds(propensities.of(new Random(92)));
        for (OffPolicySettings settings : List.of(
                new OffPolicySettings(3, 5, 20, 64),
                new OffPolicySettings(0.5, 0, 0, 64),
                new OffPolicySettings(1e210, 5, 20, 64),
                new OffPolicySettings(0.01, 1e-3, 1e-3, 64),
                new OffPolicySettings(
                        Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 64))) {
            OffPolicyResult expected = oneByOne(rounds, settings);
            assertThat(expected.rounds()).isEqualTo(20_000);
            OffPolicyEvaluationTest.checkSame(together(rounds, settings), expected);
        }
    }

    @Test
    void order_and_parts_do_not_matter() {
        OffPolicySettings settings = new OffPolicySettings(3, 5, 20, 64);
        List<Round> rounds = rounds(Propensities.OF_SIX_ORDERS_OF_MAGNITUDE.of(new Random(93)));
        OffPolicyResult expected = together(rounds, settings);
        Collections.shuffle(rounds, new Random(94));
        WeightSums merged = new WeightSums(settings, FOLDS, TARGET, REWARDS);
        for (int from = 0; from < rounds.size(); from += 613) {
            // As if another machine had added them up.
            double[] state = sums(rounds.subList(from, Math.min(rounds.size(), from + 613)), settings)
                    .state();
            merged.merge(WeightSums.of(settings, FOLDS, TARGET, REWARDS, state));
        }
        OffPolicyEvaluationTest.checkSame(
                merged.evaluation(merged.model().predictions()).result(), expected);
        assertThat(merged.leastPropensity())
                .isEqualTo(rounds.stream().mapToDouble(Round::propensity).min().orElseThrow());
        assertThat(merged.meanReward())
                .isEqualTo(rounds.stream().mapToDouble(r -> REWARDS[r.reward]).sum() / rounds.size());
    }

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.7, 1.0 / 3})
    void nothing_varies_where_all_weights_and_rewards_are_equal(double propensity) {
        OffPolicySettings settings = new OffPolicySettings(3, 5, 20, 64);
        WeightSums sums = new WeightSums(settings, FOLDS, new double[][] {{1}}, 0.1);
        for (int i = 0; i < 100_000; i++) {
            sums.add(i % 64, 0, 0, 0, propensity);
        }
        // Equal to the last digit, whatever the model has made of the folds.
        CellRewardModel model = new CellRewardModel(1, 1, FOLDS);
        OffPolicyResult result = sums.evaluation(model.predictions()).result();
        for (Estimator estimator : Estimator.values()) {
            assertThat(result.value(estimator)).isPresent();
            assertThat(result.estimate(estimator)).as("%s", estimator).isEmpty();
        }
    }

    /** Squares of such weights are 0. */
    @Test
    void tiny_weights_are_shrunk_to_nothing() {
        OffPolicySettings settings = new OffPolicySettings(3, 5, 0, 64);
        double[][] target = {{1e-200, 1}};
        WeightSums sums = new WeightSums(settings, FOLDS, target, 0, 1);
        sums.add(1, 0, 0, 1, 0.5);
        sums.add(2, 1, 0, 1, 0.5);
        WeightSums same = WeightSums.of(settings, FOLDS, target, new double[] {0, 1}, sums.state());
        assertThat(same.evaluation(same.model().predictions())
                        .result()
                        .value(Estimator.DROS)
                        .orElseThrow())
                .isBetween(0.0, 1.0);
    }

    @Test
    void without_rounds_nothing_is_known() {
        OffPolicyResult nothing = together(List.of(), new OffPolicySettings(3, 5, 20, 64));
        assertThat(nothing.rounds()).isZero();
        for (Estimator estimator : Estimator.values()) {
            assertThat(nothing.value(estimator)).isEmpty();
        }
    }

    @Test
    void what_cannot_be_is_refused_and_changes_nothing() {
        OffPolicySettings settings = new OffPolicySettings(3, 5, 20, 64);
        WeightSums sums = new WeightSums(settings, FOLDS, TARGET, REWARDS);
        for (int[] outside : new int[][] {
            {64, 0, 0, 0},
            {-1, 0, 0, 0},
            {0, 4, 0, 0},
            {0, -1, 0, 0},
            {0, 0, 2, 0},
            {0, 0, -1, 0},
            {0, 0, 0, 3},
            {0, 0, 0, -1}
        }) {
            assertThatThrownBy(() -> sums.add(outside[0], outside[1], outside[2], outside[3], 0.5))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("bucket, arm, cell and reward");
        }
        for (double outside : new double[] {0, -0.5, 1.5, Double.NaN, 1e-300}) {
            assertThatThrownBy(() -> sums.add(0, 0, 0, 0, outside))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("propensity");
        }
        assertThat(sums.evaluation(sums.model().predictions()).result().rounds())
                .isZero();
        assertThat(sums.leastPropensity()).isEqualTo(1);
        assertThatThrownBy(() -> new WeightSums(settings, FOLDS, new double[][] {{0.5, 0.6}}, 0, 1))
                .hasMessageContaining("target[0]");
        assertThatThrownBy(() -> new WeightSums(settings, 1, TARGET, 0, 1)).hasMessageContaining("folds");
        assertThatThrownBy(() -> WeightSums.of(settings, FOLDS, TARGET, REWARDS, new double[7]))
                .hasMessageContaining("but this has 7");
        assertThatThrownBy(() -> new WeightSums(settings, FOLDS, TARGET, Double.NaN))
                .hasMessageContaining("reward");
        assertThatThrownBy(() -> sums.merge(new WeightSums(settings, FOLDS, TARGET, 0, 1)))
                .hasMessageContaining("same");
    }
}
