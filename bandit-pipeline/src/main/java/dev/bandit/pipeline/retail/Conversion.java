package dev.bandit.pipeline.retail;

import static dev.bandit.pipeline.duck.Duck.quoted;

import de.siegmar.fastcsv.writer.CsvWriter;
import dev.bandit.core.assignment.Assignment;
import dev.bandit.pipeline.duck.Duck;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The workbook to Parquet: rows are checked one by one, DuckDB sorts and counts, and each basket is asked about one category, drawn
 * uniformly.
 */
final class Conversion {

    private static final String PARQUET = " (FORMAT parquet, COMPRESSION zstd)";

    private static final String CSV = "read_csv(%s, auto_detect = false, header = false, delim = ',', quote = '\"',"
            + " escape = '\"', columns = {%s})";

    /** What makes two lines the same one, if they stand in two sheets. */
    private static final String SAME =
            "invoice, stock_code, description, quantity, invoice_date, price, customer_id, country";

    private static final List<Category> CATEGORIES = List.of(Category.values());

    private final Duck duck;
    private final Path scratch;

    /** What the workbook says. */
    record Read(
            long rows,
            long rejected,
            Map<String, Long> reasons,
            @Nullable Path rejectedRows,
            @Nullable String first) {}

    /**
     * What DuckDB says about the lines.
     *
     * @param count of those that are left
     */
    record Lines(
            long count,
            long repeated,
            Map<String, Long> missing,
            Map<String, Long> kinds,
            long cancelled,
            long cancelledInvoices,
            Path parquet) {}

    /** @param from null: there are no baskets */
    record Log(
            long baskets,
            long clicks,
            @Nullable LocalDateTime from,
            @Nullable LocalDateTime to,
            List<Manifest.ClickRate> rates,
            Path parquet,
            Path csv) {}

    Conversion(Duck duck, Path scratch) {
        this.duck = duck;
        this.scratch = scratch;
    }

    /** The rows into DuckDB, and the rejected ones aside. */
    Read read(Book book, DoubleConsumer progress) throws IOException, SQLException {
        Path csv = scratch.resolve("lines.csv");
        Path bad = scratch.resolve("rejected.csv");
        Map<String, Long> reasons = new TreeMap<>();
        String[] first = new String[1];
        long[] rows = {0};
        try (CsvWriter lines = CsvWriter.builder().build(csv);
                CsvWriter rejected = CsvWriter.builder().build(bad)) {
            rejected.writeRecord("file", "sheet", "row", "reason", "record");
            book.read(
                    new Book.Lines() {
                        @Override
                        public void line(int sheet, int row, Line line) {
                            lines.writeRecord(fields(rows[0]++, sheet, row, line));
                        }

                        @Override
                        public void rejected(int sheet, int row, String reason, String excerpt) {
                            reasons.merge(reason, 1L, Long::sum);
                            String called = Book.SHEETS.get(sheet);
                            if (first[0] == null) {
                                first[0] = "sheet \"%s\", row %d: %s".formatted(called, row, reason);
                            }
                            rejected.writeRecord(book.name(), called, Integer.toString(row), reason, excerpt);
                        }
                    },
                    progress);
        }
        duck.run("CREATE TABLE received AS FROM "
                + CSV.formatted(
                        quoted(csv),
                        "'id': 'BIGINT', 'sheet': 'TINYINT', 'row': 'INTEGER', 'invoice': 'VARCHAR', 'stock_code': 'VARCHAR',"
                                + " 'description': 'VARCHAR', 'quantity': 'INTEGER', 'invoice_date': 'TIMESTAMP', 'price': 'DOUBLE',"
                                + " 'customer_id': 'INTEGER', 'country': 'VARCHAR', 'kind': 'VARCHAR', 'item_id': 'SMALLINT',"
                                + " 'category': 'VARCHAR'"));
        long count = reasons.values().stream().mapToLong(Long::longValue).sum();
        return new Read(rows[0], count, reasons, count == 0 ? null : bad, first[0]);
    }

    private static List<@Nullable String> fields(long id, int sheet, int row, Line line) {
        Line.Kind kind = line.kind();
        boolean product = kind != Line.Kind.SERVICE && kind != Line.Kind.ADJUSTMENT;
        Category category = Category.of(line.description());
        return Arrays.asList(
                Long.toString(id),
                Integer.toString(sheet + 1),
                Integer.toString(row),
                line.invoice(),
                line.stockCode(),
                line.description(),
                Integer.toString(line.quantity()),
                line.date().toString(),
                Double.toString(line.price()),
                line.customer() == null ? null : line.customer().toString(),
                line.country(),
                kind.toString(),
                product ? Integer.toString(CATEGORIES.indexOf(category)) : null,
                product ? category.toString() : null);
    }

    /** Each line once, and which purchases were taken back. */
    Lines lines() throws SQLException, IOException {
        // A line may well stand twice in an invoice: only the second sheet's first is the first sheet's first.
        duck.run("""
                CREATE TABLE once AS SELECT * EXCLUDE (nth) FROM (
                    SELECT *, row_number() OVER (PARTITION BY sheet, %1$s ORDER BY id) AS nth FROM received)
                QUALIFY row_number() OVER (PARTITION BY %1$s, nth ORDER BY sheet) = 1""".formatted(SAME));
        Path csv = scratch.resolve("cancelled.csv");
        try (CsvWriter out = CsvWriter.builder().build(csv)) {
            cancel(new Cancellations(line -> out.writeRecord(Long.toString(line))));
        }
        duck.run("CREATE TABLE cancelled AS FROM " + CSV.formatted(quoted(csv), "'id': 'BIGINT'"));
        duck.run("""
                CREATE TABLE lines AS SELECT once.*, cancelled.id IS NOT NULL AS cancelled
                FROM once LEFT JOIN cancelled ON once.id = cancelled.id""");
        Map<String, Long> missing = new TreeMap<>();
        for (String column : List.of("description", "customer_id", "country")) {
            long rows = count("SELECT count(*) FROM lines WHERE " + column + " IS NULL");
            if (rows > 0) {
                missing.put(column, rows);
            }
        }
        Map<String, Long> kinds = new TreeMap<>();
        duck.query("SELECT kind, count(*) FROM lines GROUP BY kind", rows -> {
            while (rows.next()) {
                kinds.put(rows.getString(1), rows.getLong(2));
            }
        });
        Path parquet = scratch.resolve("lines.parquet");
        duck.run("COPY (SELECT * EXCLUDE (id) FROM lines ORDER BY id) TO " + quoted(parquet) + PARQUET);
        long lines = count("SELECT count(*) FROM lines");
        return new Lines(
                lines,
                count("SELECT count(*) FROM received") - lines,
                missing,
                kinds,
                count("SELECT count(*) FROM lines WHERE cancelled"),
                count("""
                        SELECT count(*) FROM
                            (SELECT invoice FROM lines WHERE kind = 'purchase' GROUP BY invoice HAVING bool_and(cancelled))"""),
                parquet);
    }

    private void cancel(Cancellations cancellations) throws SQLException {
        duck.query("""
                SELECT id, quantity, kind = 'cancellation',
                    lag(customer_id) OVER same IS DISTINCT FROM customer_id OR lag(stock_code) OVER same IS DISTINCT FROM stock_code
                FROM once WHERE customer_id IS NOT NULL AND kind IN ('purchase', 'cancellation')
                WINDOW same AS (ORDER BY customer_id, stock_code, invoice_date, kind = 'cancellation', id)
                ORDER BY customer_id, stock_code, invoice_date, kind = 'cancellation', id""", rows -> {
            while (rows.next()) {
                if (rows.getBoolean(4)) {
                    cancellations.begin();
                }
                if (rows.getBoolean(3)) {
                    cancellations.returns(-rows.getInt(2));
                } else {
                    cancellations.buys(rows.getLong(1), rows.getInt(2));
                }
            }
        });
    }

    /** A round a basket, and what all baskets say about every category. */
    Log log(long seed) throws SQLException, IOException {
        Path csv = scratch.resolve("log.csv");
        String salt = "online-retail " + seed;
        String propensity = Double.toString(1.0 / CATEGORIES.size());
        long[] held = new long[CATEGORIES.size()];
        long[] sums = new long[2];
        LocalDateTime[] ends = new LocalDateTime[2];
        try (CsvWriter out = CsvWriter.builder().build(csv)) {
            duck.query("""
                    SELECT invoice, min(invoice_date) AS began, bit_or(1 << item_id::INTEGER) FROM lines
                    WHERE kind = 'purchase' AND NOT cancelled GROUP BY invoice ORDER BY began, invoice""", rows -> {
                while (rows.next()) {
                    String invoice = rows.getString(1);
                    LocalDateTime at = rows.getObject(2, LocalDateTime.class);
                    int categories = rows.getInt(3);
                    for (int category = 0; category < held.length; category++) {
                        held[category] += categories >> category & 1;
                    }
                    int shown = (int) (Assignment.uniform(salt, invoice) * held.length);
                    int click = categories >> shown & 1;
                    out.writeRecord(
                            Long.toString(sums[0]),
                            at.atOffset(ZoneOffset.UTC).toString(),
                            Integer.toString(shown),
                            "1",
                            Integer.toString(click),
                            propensity,
                            invoice);
                    ends[0] = sums[0] == 0 ? at : ends[0];
                    ends[1] = at;
                    sums[0]++;
                    sums[1] += click;
                }
            });
        }
        Path parquet = scratch.resolve("log.parquet");
        duck.run("COPY (FROM "
                + CSV.formatted(
                        quoted(csv),
                        "'row': 'BIGINT', 'timestamp': 'TIMESTAMPTZ', 'item_id': 'SMALLINT', 'position': 'TINYINT', 'click': 'TINYINT',"
                                + " 'propensity_score': 'DOUBLE', 'invoice': 'VARCHAR'")
                + ") TO " + quoted(parquet) + PARQUET);
        List<Manifest.ClickRate> rates = new ArrayList<>();
        for (int category = 0; category < held.length; category++) {
            rates.add(new Manifest.ClickRate(
                    CATEGORIES.get(category).toString(),
                    sums[0],
                    held[category],
                    (double) held[category] / Math.max(sums[0], 1)));
        }
        Path file = scratch.resolve("click_rates.csv");
        try (CsvWriter out = CsvWriter.builder().build(file)) {
            out.writeRecord("category", "baskets", "clicks", "rate");
            for (Manifest.ClickRate rate : rates) {
                out.writeRecord(
                        rate.category(),
                        Long.toString(rate.baskets()),
                        Long.toString(rate.clicks()),
                        Double.toString(rate.rate()));
            }
        }
        return new Log(sums[0], sums[1], ends[0], ends[1], rates, parquet, file);
    }

    private long count(String sql) throws SQLException {
        long[] count = new long[1];
        duck.query(sql, rows -> {
            rows.next();
            count[0] = rows.getLong(1);
        });
        return count[0];
    }
}
