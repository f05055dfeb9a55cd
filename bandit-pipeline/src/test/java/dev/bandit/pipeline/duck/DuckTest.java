package dev.bandit.pipeline.duck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.pipeline.duck.Duck.Column;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;
import org.duckdb.DuckDBColumnType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuckTest {

    @Test
    void what_is_written_as_parquet_is_read_again(@TempDir Path folder) throws SQLException {
        Path file = folder.resolve("it's.parquet");
        List<Long> read = new ArrayList<>();
        try (Duck duck = Duck.open(folder.resolve("aside"))) {
            duck.run("COPY (SELECT range AS n FROM range(5)) TO " + Duck.quoted(file) + " (FORMAT parquet)");
            duck.query(
                    "SELECT n FROM read_parquet(" + Duck.quoted(file) + ") WHERE n > ? ORDER BY n",
                    rows -> {
                        while (rows.next()) {
                            read.add(rows.getLong(1));
                        }
                    },
                    2);
        }
        assertThat(read).containsExactly(3L, 4L);
    }

    @Test
    void a_scan_sees_each_row_once(@TempDir Path folder) throws SQLException {
        LongAdder sum = new LongAdder();
        LongAdder constants = new LongAdder();
        try (Duck duck = Duck.open(folder.resolve("aside"))) {
            duck.run("CREATE TABLE numbers AS SELECT range AS n FROM range(1000000)");
            for (int time = 0; time < 2; time++) {
                duck.scan(
                        "(SELECT n, 7::TINYINT AS seven FROM numbers WHERE n % 3 > 0)",
                        List.of(
                                new Column("n", DuckDBColumnType.BIGINT),
                                new Column("seven", DuckDBColumnType.TINYINT)),
                        rows -> {
                            for (long i = 0; i < rows.rowCount(); i++) {
                                sum.add(rows.vector(0).getLong(i));
                                constants.add(rows.vector(1).getByte(i));
                            }
                        });
            }
        }
        assertThat(sum.sum())
                .isEqualTo(2
                        * LongStream.range(0, 1_000_000).filter(n -> n % 3 > 0).sum());
        assertThat(constants.sum()).isEqualTo(2 * 7 * 666_666L);
    }

    @Test
    void a_column_of_equal_values_alone_is_seen_as_often_as_there_are_rows(@TempDir Path folder) throws SQLException {
        LongAdder sum = new LongAdder();
        try (Duck duck = Duck.open(folder.resolve("aside"))) {
            duck.scan(
                    "(SELECT 7::TINYINT AS seven FROM range(5000))",
                    List.of(new Column("seven", DuckDBColumnType.TINYINT)),
                    rows -> {
                        for (long i = 0; i < rows.rowCount(); i++) {
                            sum.add(rows.vector(0).getByte(i));
                        }
                    });
        }
        assertThat(sum.sum()).isEqualTo(35_000);
    }

    @Test
    void what_a_scan_refuses_ends_it(@TempDir Path folder) {
        try (Duck duck = Duck.open(folder.resolve("aside"))) {
            assertThatThrownBy(() -> duck.scan(
                            "(SELECT range AS n FROM range(5000))",
                            List.of(new Column("n", DuckDBColumnType.BIGINT)),
                            rows -> {
                                throw new IllegalArgumentException("not these");
                            }))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("not these");
        }
    }
}
