package dev.bandit.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.ReferenceTable;
import org.junit.jupiter.api.Test;

class ValueRemainingTest {
    @Test
    void leader_percentile_and_probability_match_the_reference() {
        ReferenceTable sets = ReferenceTable.named("value-remaining");
        assertThat(sets.size()).isGreaterThanOrEqualTo(200);
        for (int row = 0; row < sets.size(); row++) {
            ValueRemaining value = ValueRemaining.of(sets.numbers(row, "alpha"), sets.numbers(row, "beta"));
            double percentile = sets.number(row, "percentile_95");
            assertThat(value.arm()).as("row %s", row).isEqualTo((int) sets.number(row, "leader"));
            assertThat(value.percentile95()).as("row %s", row).isCloseTo(percentile, within(1e-6 * percentile));
            assertThat(value.probabilityBelowOnePercent())
                    .as("row %s", row)
                    .isCloseTo(sets.number(row, "probability_below_0.01"), within(1e-8));
        }
    }

    @Test
    void percentile_is_0_exactly_from_a_probability_of_best_of_95_percent() {
        double[] alpha = {30, 50};
        double[] beta = {70, 50};
        assertThat(BestArm.probabilities(alpha, beta)[1]).isGreaterThan(0.95);
        assertThat(ValueRemaining.of(alpha, beta).percentile95()).isZero();
        double[] less = {40, 50};
        assertThat(BestArm.probabilities(less, new double[] {60, 50})[1]).isLessThan(0.95);
        assertThat(ValueRemaining.of(less, new double[] {60, 50}).percentile95())
                .isPositive();
    }

    @Test
    void percentile_is_small_just_below_95_percent() {
        double[] beta = {1000, 1000};
        double low = 850;
        double high = 1000;
        while (high - low > 1e-9) {
            double middle = (low + high) / 2;
            boolean certain = BestArm.probabilities(new double[] {middle, 1000}, beta)[1] >= 0.95;
            low = certain ? middle : low;
            high = certain ? high : middle;
        }
        ValueRemaining value = ValueRemaining.of(new double[] {high, 1000}, beta);
        assertThat(value.arm()).isEqualTo(1);
        assertThat(value.percentile95()).isBetween(0.0, 1e-8);
    }

    @Test
    void nothing_remains_with_a_single_arm() {
        assertThat(ValueRemaining.of(new double[] {2}, new double[] {5})).isEqualTo(new ValueRemaining(0, 0, 1));
    }
}
