package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.ReferenceTable;
import java.util.Arrays;
import java.util.OptionalDouble;

/** A reference table and comparisons with it: NaN in the table stands for "undefined". */
record Reference(ReferenceTable table) {
    private static final double LEAST = 1e-290;

    static Reference named(String name) {
        ReferenceTable table = ReferenceTable.named(name);
        assertThat(table.size()).isGreaterThanOrEqualTo(200);
        return new Reference(table);
    }

    int size() {
        return table.size();
    }

    double number(int row, String column) {
        return table.number(row, column);
    }

    long count(int row, String column) {
        return Long.parseLong(table.text(row, column));
    }

    double[] numbers(int row, String column) {
        return table.numbers(row, column);
    }

    long[] counts(int row, String column) {
        return Arrays.stream(table.text(row, column).split(" "))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    boolean isUndefined(int row, String column) {
        return Double.isNaN(number(row, column));
    }

    Proportion proportion(int row, String arm) {
        return new Proportion(count(row, "x" + arm), count(row, "n" + arm));
    }

    Moments moments(int row, String arm) {
        return Moments.of(count(row, "n" + arm), number(row, "mean" + arm), number(row, "variance" + arm));
    }

    /** Agreement relative to the value; a p value that underflows may be 0. */
    void check(int row, String column, double actual, double tolerance) {
        check(row, column, actual, tolerance, 0);
    }

    /** The same, but never closer than {@code rounding}: what the inputs themselves lose. */
    void check(int row, String column, double actual, double tolerance, double rounding) {
        double expected = number(row, column);
        assertThat(actual)
                .as("%s of row %s: %s", column, row, String.join(",", shortened(row)))
                .isCloseTo(expected, within(Math.max(LEAST, Math.max(rounding, tolerance * Math.abs(expected)))));
    }

    void check(int row, String column, OptionalDouble actual, double tolerance) {
        assertThat(actual.isEmpty()).as("%s of row %s", column, row).isEqualTo(isUndefined(row, column));
        actual.ifPresent(value -> check(row, column, value, tolerance));
    }

    private String[] shortened(int row) {
        return Arrays.stream(table.rows().get(row))
                .map(cell -> cell.length() > 60 ? cell.substring(0, 60) + "…" : cell)
                .toArray(String[]::new);
    }
}
