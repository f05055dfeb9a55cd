package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Arrays;
import java.util.Optional;

/**
 * Pearson's chi-squared test of independence in a table of counts, arm by outcome; no Yates correction. Rows and columns that are
 * all zero say nothing and are left out.
 *
 * @param statistic not negative
 * @param degreesOfFreedom (rows - 1)(columns - 1) of what was not left out, at least 1
 * @param pValue in [0, 1]
 */
public record ChiSquaredTest(double statistic, int degreesOfFreedom, double pValue) {
    /**
     * Undefined when fewer than two rows or columns have any count.
     *
     * @param table rows of equal length, counts not negative
     * @throws IllegalArgumentException if rows differ in length or a count is negative
     */
    public static Optional<ChiSquaredTest> of(long[][] table) {
        int width = table.length == 0 ? 0 : table[0].length;
        double[] rows = new double[table.length];
        double[] columns = new double[width];
        for (int i = 0; i < table.length; i++) {
            if (table[i].length != width) {
                throw new IllegalArgumentException(
                        "Rows must be equally long, but row " + i + " has " + table[i].length + " and not " + width);
            }
            for (int j = 0; j < width; j++) {
                long count = Require.count("table[" + i + "][" + j + "]", table[i][j]);
                rows[i] += count;
                columns[j] += count;
            }
        }
        int df = (present(rows) - 1) * (present(columns) - 1);
        if (present(rows) < 2 || df < 1) {
            return Optional.empty();
        }
        double total = Arrays.stream(rows).sum();
        double statistic = 0;
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < width; j++) {
                double expected = rows[i] / total * columns[j];
                if (expected > 0) {
                    double gap = table[i][j] - expected;
                    statistic += gap * gap / expected;
                }
            }
        }
        return Optional.of(new ChiSquaredTest(statistic, df, ChiSquared.upperTail(statistic, df)));
    }

    private static int present(double[] sums) {
        return (int) Arrays.stream(sums).filter(sum -> sum > 0).count();
    }
}
