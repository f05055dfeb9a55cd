package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RanksAndTablesTest {
    @Nested
    class Mann_Whitney {
        private static final Reference REFERENCE = Reference.named("mann-whitney");

        @Test
        void histograms_match() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                Optional<MannWhitney> test = MannWhitney.of(histogram(row, "counts0"), histogram(row, "counts1"));
                assertThat(test.isEmpty()).as("row %s", row).isEqualTo(REFERENCE.isUndefined(row, "u"));
                if (test.isPresent()) {
                    REFERENCE.check(row, "u", test.get().u(), 1e-12);
                    REFERENCE.check(row, "two_sided", test.get().pValueTwoSided(), 1e-9);
                    REFERENCE.check(row, "greater", test.get().pValueGreater(), 1e-9);
                }
            }
        }

        @Test
        void samples_give_what_their_histograms_give() {
            UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(3);
            for (int row = 0; row < REFERENCE.size(); row++) {
                ValueCounts control = histogram(row, "counts0");
                ValueCounts treatment = histogram(row, "counts1");
                if (control.total() + treatment.total() < 20_000) {
                    assertThat(MannWhitney.of(shuffled(control, random), shuffled(treatment, random)))
                            .isEqualTo(MannWhitney.of(control, treatment));
                }
            }
        }

        @Test
        void empty_samples_and_equal_values_are_undefined() {
            assertThat(MannWhitney.of(new double[0], new double[] {1})).isEmpty();
            assertThat(MannWhitney.of(new double[] {2, 2}, new double[] {2})).isEmpty();
            assertThat(MannWhitney.of(new double[] {0.0}, new double[] {-0.0})).isEmpty();
        }

        @Test
        void one_value_each_has_p_1() {
            MannWhitney test =
                    MannWhitney.of(new double[] {1}, new double[] {2}).orElseThrow();
            assertThat(test.pValueTwoSided()).isOne();
            assertThat(test.probabilityOfSuperiority()).isOne();
        }

        @Test
        void infinities_are_ranked() {
            double[] wide = {Double.NEGATIVE_INFINITY, 1, Double.POSITIVE_INFINITY};
            assertThat(MannWhitney.of(wide, new double[] {0, 2, Double.POSITIVE_INFINITY}))
                    .isEqualTo(MannWhitney.of(new double[] {-9, 1, 9}, new double[] {0, 2, 9}));
        }

        @Test
        void merged_histograms_are_those_of_both_samples() {
            ValueCounts merged = ValueCounts.of(3, 1, 1).merge(ValueCounts.of(2, 1, 5));
            assertThat(merged)
                    .isEqualTo(ValueCounts.of(1, 1, 1, 2, 3, 5))
                    .hasSameHashCodeAs(ValueCounts.of(1, 1, 1, 2, 3, 5));
            assertThat(merged.merge(ValueCounts.of())).isEqualTo(merged);
            assertThat(merged).hasToString("ValueCounts[values=[1.0, 2.0, 3.0, 5.0], counts=[3, 1, 1, 1]]");
        }

        @Test
        void values_out_of_range_are_named() {
            assertThatThrownBy(() -> ValueCounts.of(1, Double.NaN)).hasMessageContaining("NaN");
            assertThatThrownBy(() -> new ValueCounts(new double[] {1, 1}, new long[2]))
                    .hasMessageContaining("values[1]");
            assertThatThrownBy(() -> new ValueCounts(new double[] {1}, new long[] {-1}))
                    .hasMessageContaining("counts[0]");
            assertThatThrownBy(() -> new ValueCounts(new double[1], new long[2]))
                    .hasMessageContaining("2 for 1");
        }

        private ValueCounts histogram(int row, String column) {
            return new ValueCounts(REFERENCE.numbers(row, "values"), REFERENCE.counts(row, column));
        }

        private double[] shuffled(ValueCounts histogram, UniformRandomProvider random) {
            double[] sample = new double[(int) histogram.total()];
            int filled = 0;
            for (int i = 0; i < histogram.values().length; i++) {
                for (long j = 0; j < histogram.counts()[i]; j++) {
                    int at = random.nextInt(filled + 1);
                    sample[filled++] = sample[at];
                    sample[at] = histogram.values()[i];
                }
            }
            return sample;
        }
    }

    @Nested
    class Chi_squared {
        private static final Reference REFERENCE = Reference.named("chi-squared");

        @Test
        void tables_match() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                Optional<ChiSquaredTest> test = ChiSquaredTest.of(table(row));
                assertThat(test.isEmpty()).as("row %s", row).isEqualTo(REFERENCE.isUndefined(row, "p"));
                if (test.isPresent()) {
                    // Two counts of 1e9 that differ by their standard deviation share eleven digits with it squared.
                    REFERENCE.check(row, "statistic", test.get().statistic(), 1e-9);
                    assertThat(test.get().degreesOfFreedom()).isEqualTo((int) REFERENCE.number(row, "df"));
                    REFERENCE.check(row, "p", test.get().pValue(), 1e-8);
                }
            }
        }

        @Test
        void empty_rows_and_columns_are_left_out() {
            assertThat(ChiSquaredTest.of(new long[][] {{3, 0, 4}, {0, 0, 0}, {8, 0, 2}}))
                    .isEqualTo(ChiSquaredTest.of(new long[][] {{3, 4}, {8, 2}}));
        }

        @Test
        void fewer_than_two_rows_or_columns_are_undefined() {
            assertThat(ChiSquaredTest.of(new long[0][])).isEmpty();
            assertThat(ChiSquaredTest.of(new long[][] {{}, {}})).isEmpty();
            assertThat(ChiSquaredTest.of(new long[][] {{0, 0}, {0, 0}})).isEmpty();
            assertThat(ChiSquaredTest.of(new long[][] {{1, 2}, {0, 0}})).isEmpty();
            assertThat(ChiSquaredTest.of(new long[][] {{1, 0}, {4, 0}})).isEmpty();
        }

        @Test
        void bad_tables_are_refused() {
            assertThatThrownBy(() -> ChiSquaredTest.of(new long[][] {{1, 2}, {1}}))
                    .hasMessageContaining("row 1");
            assertThatThrownBy(() -> ChiSquaredTest.of(new long[][] {{1, -2}, {1, 3}}))
                    .hasMessageContaining("table[0][1]");
        }

        private long[][] table(int row) {
            long[] flat = REFERENCE.counts(row, "table");
            int rows = (int) REFERENCE.count(row, "rows");
            int width = flat.length / rows;
            long[][] table = new long[rows][];
            Arrays.setAll(table, i -> Arrays.copyOfRange(flat, i * width, (i + 1) * width));
            return table;
        }
    }
}
