package dev.bandit.core.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.evaluation.CellRewardModel.Predictions;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CellRewardModelTest {
    private static CellRewardModel random(long seed, int rounds, int from) {
        Random random = new Random(seed);
        CellRewardModel model = new CellRewardModel(3, 2, 5);
        for (int t = 0; t < rounds; t++) {
            int bucket = random.nextInt(256);
            int arm = random.nextInt(3);
            int cell = random.nextInt(2);
            double reward = 1e6 + random.nextGaussian();
            if (t >= from) {
                model.add(bucket, arm, cell, reward, 1 + t % 3);
            }
        }
        return model;
    }

    @Test
    void a_fold_is_predicted_by_the_others_drawn_towards_the_arm_and_all() {
        CellRewardModel model = new CellRewardModel(2, 2, 2);
        // Buckets 0 and 2 are of fold 0, which bucket 1 is predicted from.
        model.add(0, 0, 0, 0.5, 4);
        model.add(2, 0, 1, 1, 3);
        model.add(2, 1, 1, 0, 5);
        model.add(1, 1, 0, 100, 7);
        Predictions predictions = model.predictions();
        double all = 5.0 / 12;
        double first = (5 + all) / 8;
        double second = all / 6;
        assertThat(predictions.predicted(1, 0, 0)).isCloseTo((2 + first) / 5, within(1e-15));
        assertThat(predictions.predicted(3, 0, 1)).isCloseTo((3 + first) / 4, within(1e-15));
        assertThat(predictions.predicted(255, 1, 0)).isCloseTo(second, within(1e-15));
        assertThat(predictions.predicted(1, 1, 1)).isCloseTo(second / 6, within(1e-15));
        assertThat(predictions.expected(1, 1, new double[] {0.25, 0.75}))
                .isCloseTo(0.25 * (3 + first) / 4 + 0.75 * second / 6, within(1e-15));
    }

    @Test
    void no_reward_predicts_itself() {
        CellRewardModel model = random(85, 500, 0);
        Predictions before = model.predictions();
        model.add(7, 1, 1, -1e9, 1);
        Predictions after = model.predictions();
        for (int bucket = 0; bucket < 256; bucket++) {
            if (bucket % 5 == 7 % 5) {
                assertThat(after.predicted(bucket, 1, 1)).isEqualTo(before.predicted(bucket, 1, 1));
            } else {
                assertThat(after.predicted(bucket, 1, 1)).isLessThan(before.predicted(bucket, 1, 1) - 1e6);
            }
        }
    }

    @Test
    void parts_sent_as_numbers_predict_what_the_whole_does() {
        CellRewardModel merged = random(86, 400, 0);
        merged.merge(CellRewardModel.of(3, 2, 5, random(86, 1_000, 400).state()));
        Predictions expected = random(86, 1_000, 0).predictions();
        for (int i = 0; i < 30; i++) {
            double value = expected.predicted(i / 6, i % 3, i / 3 % 2);
            assertThat(merged.predictions().predicted(i / 6, i % 3, i / 3 % 2)).isCloseTo(value, within(1e-15 * value));
        }
    }

    @Test
    void choices_never_made_are_counted_by_the_contexts_on_record() {
        CellRewardModel model = new CellRewardModel(2, 3, 2);
        double[][] target = {{0.5, 0.5}, {0.2, 0.8}, {1, 0}};
        assertThat(model.untried(target)).isZero();
        model.add(0, 0, 0, 1, 30);
        model.add(0, 0, 1, 1, 30);
        model.add(1, 1, 1, 1, 40);
        assertThat(model.untried(target)).isCloseTo(0.3 * 0.5, within(1e-15));
    }

    @Test
    void without_rounds_nothing_is_expected() {
        Predictions predictions = new CellRewardModel(2, 1, 2).predictions();
        assertThat(predictions.predicted(0, 1, 0)).isZero();
        assertThat(predictions.expected(0, 0, new double[] {0.5, 0.5})).isZero();
    }

    @Test
    void what_cannot_be_is_refused() {
        CellRewardModel model = new CellRewardModel(2, 3, 4);
        assertThatThrownBy(() -> new CellRewardModel(2, 3, 1)).hasMessageContaining("2 folds");
        assertThatThrownBy(() -> new CellRewardModel(1 << 20, 1 << 20, 2)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> model.add(-1, 0, 0, 1, 1)).hasMessageContaining("bucket");
        assertThatThrownBy(() -> model.add(0, 2, 0, 1, 1)).hasMessageContaining("arm");
        assertThatThrownBy(() -> model.add(0, 0, 3, 1, 1)).hasMessageContaining("cell");
        assertThatThrownBy(() -> model.add(0, 0, 0, Double.NaN, 1)).hasMessageContaining("reward");
        assertThatThrownBy(() -> model.add(0, 0, 0, 1, 0)).hasMessageContaining("count");
        assertThatThrownBy(() -> model.merge(new CellRewardModel(2, 3, 5))).hasMessageContaining("5");
        assertThatThrownBy(() -> model.untried(new double[2][2])).hasMessageContaining("3 cells");
        assertThatThrownBy(() -> model.predictions().expected(0, 0, new double[] {0.5}))
                .hasMessageContaining("target");
    }
}
