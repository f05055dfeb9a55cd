package dev.bandit.pipeline.duck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
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
}
