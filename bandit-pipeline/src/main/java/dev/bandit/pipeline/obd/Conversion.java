package dev.bandit.pipeline.obd;

import static dev.bandit.pipeline.duck.Duck.quoted;

import dev.bandit.pipeline.duck.Duck;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * CSV to Parquet, by DuckDB. The quick way is one pass in which any fault fails. Only then comes the thorough way, which looks at each
 * line by itself, tells what is wrong with it and leaves it out.
 */
final class Conversion {

    private static final int EXCERPT = 1_000;

    /** The same bytes whatever the number of threads: rows keep their order, and groups of rows their size. */
    private static final String PARQUET = " (FORMAT parquet, COMPRESSION zstd)";

    private static final String CSV =
            "auto_detect = false, header = %s, delim = ',', quote = '\"', escape = '\"', columns = %s";

    private final Duck duck;
    private final Path scratch;
    private final Path csv;
    private final String name;
    private final Rules rules;
    private final long leftOut;

    /**
     * @param rejected how many rows were left out
     * @param reasons why, with how many each
     * @param rejectedRows a CSV file of them, if there are any
     * @param first the first of them, as a message tells it
     */
    record Result(
            Path parquet,
            long rows,
            long rejected,
            Map<String, Long> reasons,
            Map<String, Long> missing,
            Manifest.@Nullable Sums sums,
            @Nullable Path rejectedRows,
            String first) {}

    private record Rejected(long count, Map<String, Long> reasons, Path file, String first) {}

    /**
     * @param csv the log, perhaps gzipped
     * @param name as messages call it
     * @param items how many there are
     * @param leftOut how many lines of the log are not in the file, after the first
     */
    Conversion(Duck duck, Path scratch, Path csv, String name, int items, long leftOut) {
        this.duck = duck;
        this.scratch = scratch;
        this.csv = csv;
        this.name = name;
        this.rules = new Rules(items);
        this.leftOut = leftOut;
    }

    /** @param progress is told how much of the file is done, in [0, 1] */
    Result run(DoubleConsumer progress) throws SQLException, IOException {
        Path parquet = scratch.resolve("log.parquet");
        if (quickly(parquet, progress)) {
            return result(parquet, null);
        }
        return result(parquet, thoroughly(parquet));
    }

    /** The items, which have been checked, likewise. */
    static void items(Duck duck, Path csv, Path parquet) throws SQLException {
        duck.run("COPY (SELECT item_id, item_feature_0, item_feature_1, item_feature_2, item_feature_3 FROM read_csv("
                + quoted(csv) + ", "
                + CSV.formatted(
                        true,
                        "{'row': 'VARCHAR', 'item_id': 'SMALLINT', 'item_feature_0': 'DOUBLE', 'item_feature_1': 'VARCHAR',"
                                + " 'item_feature_2': 'VARCHAR', 'item_feature_3': 'VARCHAR'}")
                + ") ORDER BY item_id) TO " + quoted(parquet) + PARQUET);
    }

    /** @return whether all is well; if not there is no file */
    private boolean quickly(Path parquet, DoubleConsumer progress) throws IOException {
        try {
            duck.run(
                    "COPY (SELECT "
                            // A row against the rules ends it all.
                            + rules.stored()
                                    .replaceFirst(
                                            "\"row\"",
                                            "CASE WHEN " + rules.holds()
                                                    + " THEN \"row\" ELSE error('against the rules') END")
                            + " FROM read_csv(" + quoted(csv) + ", " + CSV.formatted(true, rules.typed()) + ")) TO "
                            + quoted(parquet) + PARQUET,
                    progress);
            if (!repeatsAnIndex(parquet)) {
                return true;
            }
        } catch (SQLException e) {
            // The thorough way tells what it was, or that it was not the data.
        }
        Files.deleteIfExists(parquet);
        return false;
    }

    private boolean repeatsAnIndex(Path parquet) throws SQLException {
        String file = quoted(parquet);
        // Nearly always the index only grows; otherwise each has to be remembered.
        return count("SELECT count(*) FROM (SELECT \"row\" <= lag(\"row\") OVER () AS back FROM " + file
                                + ") WHERE back")
                        > 0
                && count("SELECT count(*) - count(DISTINCT \"row\") FROM " + file) > 0;
    }

    private Rejected thoroughly(Path parquet) throws SQLException, IOException {
        Path whole = scratch.resolve("whole.csv");
        Path broken = scratch.resolve("broken.csv");
        sortOut(whole, broken);
        Path judged = scratch.resolve("judged.parquet");
        duck.run("COPY (SELECT *, " + rules.reason() + " AS reason FROM (SELECT line, " + rules.fromTexts()
                + " FROM read_csv(" + quoted(whole) + ", " + CSV.formatted(false, rules.texts()) + "))) TO "
                + quoted(judged) + " (FORMAT parquet)");
        duck.run("CREATE OR REPLACE TEMP TABLE repeated AS SELECT \"row\", min(line) AS first FROM " + quoted(judged)
                + " WHERE reason IS NULL GROUP BY \"row\" HAVING count(*) > 1");
        duck.run("CREATE OR REPLACE TEMP TABLE rejected AS SELECT line, reason FROM read_csv(" + quoted(broken) + ", "
                + CSV.formatted(false, "{'line': 'BIGINT', 'reason': 'VARCHAR'}")
                + ") UNION ALL SELECT line, reason FROM "
                + quoted(judged) + " WHERE reason IS NOT NULL UNION ALL SELECT line, '" + Rules.TWICE + "' FROM "
                + quoted(judged) + " JOIN repeated USING (\"row\") WHERE reason IS NULL AND line > first");
        // Without repetitions nothing but a filter stands between the files, and rows keep their order by themselves.
        String unrepeated = count("SELECT count(*) FROM repeated") == 0
                ? ""
                : " AND line NOT IN (SELECT line FROM rejected WHERE reason = '" + Rules.TWICE + "') ORDER BY line";
        duck.run("COPY (SELECT " + rules.stored() + " FROM " + quoted(judged) + " WHERE reason IS NULL" + unrepeated
                + ") TO " + quoted(parquet) + PARQUET);
        return rejected();
    }

    /** Lines that DuckDB can read go one way, with their number before them, the others another. */
    private void sortOut(Path whole, Path broken) throws IOException {
        try (var lines = Lines.of(csv, name, leftOut);
                var good = new BufferedOutputStream(Files.newOutputStream(whole), 1 << 18);
                var bad = new BufferedOutputStream(Files.newOutputStream(broken))) {
            lines.next();
            int expected = lines.fields();
            while (lines.next()) {
                if (lines.isEmpty()) {
                    continue;
                }
                int fields = lines.fields();
                if (fields == expected && lines.isUtf8()) {
                    good.write(ascii(lines.number() + ","));
                    lines.writeTo(good);
                    good.write('\n');
                } else {
                    String why = fields < 0 ? Rules.QUOTES : fields == expected ? Rules.ENCODING : Rules.FIELDS;
                    bad.write(ascii(lines.number() + "," + why + "\n"));
                }
            }
        }
    }

    private Rejected rejected() throws SQLException, IOException {
        Map<String, Long> reasons = new TreeMap<>();
        duck.query("SELECT reason, count(*) FROM rejected GROUP BY reason", rows -> {
            while (rows.next()) {
                reasons.put(rows.getString(1), rows.getLong(2));
            }
        });
        Path file = scratch.resolve("rejected.csv");
        String[] first = {""};
        try (var lines = Lines.of(csv, name, leftOut);
                Writer out = Files.newBufferedWriter(file)) {
            out.write("file,line,reason,record\n");
            duck.query("SELECT line, reason FROM rejected ORDER BY line", rows -> {
                while (rows.next()) {
                    try {
                        while (lines.number() < rows.getLong(1) && lines.next()) {
                            // On to that line.
                        }
                        if (first[0].isEmpty()) {
                            first[0] = "line %d: %s".formatted(rows.getLong(1), rows.getString(2));
                        }
                        out.write("\"%s\",%d,\"%s\",\"%s\"\n"
                                .formatted(
                                        name.replace("\"", "\"\""),
                                        rows.getLong(1),
                                        rows.getString(2),
                                        lines.excerpt(EXCERPT).replace("\"", "\"\"")));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
        return new Rejected(reasons.values().stream().mapToLong(Long::longValue).sum(), reasons, file, first[0]);
    }

    private Result result(Path parquet, @Nullable Rejected rejected) throws SQLException {
        String file = quoted(parquet);
        Map<String, Long> missing = new TreeMap<>();
        duck.query(
                "SELECT path_in_schema, sum(stats_null_count) FROM parquet_metadata(" + file
                        + ") GROUP BY path_in_schema HAVING sum(stats_null_count) > 0",
                rows -> {
                    while (rows.next()) {
                        missing.put(rows.getString(1), rows.getLong(2));
                    }
                });
        long rows = count("SELECT count(*) FROM " + file);
        return new Result(
                parquet,
                rows,
                rejected == null ? 0 : rejected.count(),
                rejected == null ? Map.of() : rejected.reasons(),
                missing,
                rows == 0 ? null : sums(file),
                rejected == null ? null : rejected.file(),
                rejected == null ? "" : rejected.first());
    }

    private Manifest.Sums sums(String file) throws SQLException {
        Manifest.Sums[] sums = new Manifest.Sums[1];
        // By one thread, in one order, or the last digits would be others each time.
        try (Duck alone = Duck.open(scratch.resolve("aside"), 1)) {
            alone.query(
                    "SELECT sum(click), fsum(propensity_score), fsum(1 / propensity_score), min(\"row\"), max(\"row\"),"
                            + " epoch_us(min(\"timestamp\")), epoch_us(max(\"timestamp\")) FROM " + file,
                    row -> {
                        row.next();
                        sums[0] = new Manifest.Sums(
                                row.getLong(1),
                                row.getDouble(2),
                                row.getDouble(3),
                                row.getLong(4),
                                row.getLong(5),
                                instant(row.getLong(6)),
                                instant(row.getLong(7)));
                    });
        }
        return sums[0];
    }

    private static String instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }

    private long count(String sql) throws SQLException {
        long[] count = new long[1];
        duck.query(sql, rows -> {
            rows.next();
            count[0] = rows.getLong(1);
        });
        return count[0];
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
