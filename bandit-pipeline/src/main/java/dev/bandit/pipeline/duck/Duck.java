package dev.bandit.pipeline.duck;

import dev.bandit.cli.CommandFailed;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBPreparedStatement;
import org.duckdb.DuckDBScalarFunctionBuilder;

/** One DuckDB in this process, in memory; what does not fit is put aside into a folder. Not for several threads at once. */
public final class Duck implements AutoCloseable {

    /** Does something with a row; the cursor is the caller's. */
    @FunctionalInterface
    public interface Rows {
        void accept(ResultSet rows) throws SQLException;
    }

    /** Does something with some rows, of which it reads columns. */
    @FunctionalInterface
    public interface Chunks {
        void accept(DuckDBDataChunkReader rows);
    }

    /** One of a relation's, and the type that it has. */
    public record Column(String name, DuckDBColumnType type) {}

    private static final AtomicLong SCANS = new AtomicLong();

    private final Connection connection;

    private Duck(Connection connection) {
        this.connection = connection;
    }

    /**
     * @param aside for what does not fit in memory; need not exist
     * @throws CommandFailed if DuckDB cannot be started
     */
    public static Duck open(Path aside) {
        return open(aside, Runtime.getRuntime().availableProcessors());
    }

    /** @param threads how many it may use */
    public static Duck open(Path aside, int threads) {
        Properties settings = new Properties();
        settings.setProperty("temp_directory", aside.toString());
        settings.setProperty("threads", Integer.toString(threads));
        // Nothing is fetched, neither extensions nor anything that a query names.
        settings.setProperty("autoinstall_known_extensions", "false");
        try {
            Duck duck = new Duck(DriverManager.getConnection("jdbc:duckdb:", settings));
            // Whatever the zone of this machine.
            duck.run("SET TimeZone = 'UTC'");
            return duck;
        } catch (SQLException e) {
            throw new CommandFailed("DuckDB could not be started: " + e.getMessage(), e);
        }
    }

    /**
     * @param values for the question marks
     * @throws SQLException as DuckDB says
     */
    public void run(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values)) {
            statement.execute();
        }
    }

    /**
     * Runs something that takes a while.
     *
     * @param progress is told now and then, by another thread, how much of it is done, in [0, 1]
     * @throws SQLException as DuckDB says
     */
    public void run(String sql, DoubleConsumer progress) throws SQLException {
        run("SET enable_progress_bar = true");
        run("SET enable_progress_bar_print = false");
        try (PreparedStatement statement = prepare(sql)) {
            DuckDBPreparedStatement duck = statement.unwrap(DuckDBPreparedStatement.class);
            AtomicBoolean done = new AtomicBoolean();
            Thread watch = Thread.ofVirtual().start(() -> watch(duck, progress, done));
            try {
                statement.execute();
            } finally {
                done.set(true);
                LockSupport.unpark(watch);
                join(watch);
            }
        }
    }

    private static void watch(DuckDBPreparedStatement statement, DoubleConsumer progress, AtomicBoolean done) {
        while (!done.get()) {
            LockSupport.parkNanos(100_000_000);
            try {
                double percent = statement.getQueryProgress().getPercentage();
                // Below nothing means that DuckDB does not know.
                progress.accept(Math.max(0, percent) / 100);
            } catch (SQLException e) {
                // It has just ended.
                return;
            }
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Calls back once, with the cursor before the first row.
     *
     * @param values for the question marks
     * @throws SQLException as DuckDB says
     */
    public void query(String sql, Rows rows, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(sql, values);
                ResultSet result = statement.executeQuery()) {
            rows.accept(result);
        }
    }

    /**
     * The same column by column, which is many times as fast.
     *
     * @param chunks is called for some thousand rows at a time, in order
     * @throws SQLException as DuckDB says
     */
    public void chunks(String sql, Chunks chunks) throws SQLException {
        try (PreparedStatement statement = prepare(sql);
                DuckDBChunkedResult result =
                        statement.unwrap(DuckDBPreparedStatement.class).query()) {
            while (result.nextChunk()) {
                chunks.accept(result.chunk());
            }
        }
    }

    /**
     * The same for a whole relation, in as many threads as DuckDB has, each of which calls back with what it has just decoded: nothing is copied,
     * and nothing waits for another.
     *
     * @param relation what SQL selects from
     * @param columns in the order in which they are read; none is NULL
     * @param chunks is called by several threads at once, for some thousand rows at a time, in no order
     * @throws SQLException as DuckDB says, or what {@code chunks} throws
     */
    public void scan(String relation, List<Column> columns, Chunks chunks) throws SQLException {
        LongAdder seen = new LongAdder();
        AtomicReference<Chunks> reader = new AtomicReference<>(chunks);
        String name = "scan_" + SCANS.incrementAndGet();
        try (DuckDBScalarFunctionBuilder function = DuckDBFunctions.scalarFunction()) {
            function.withName(name)
                    .withParameters(columns.stream().map(Column::type).toArray(DuckDBColumnType[]::new))
                    .withReturnType(DuckDBColumnType.TINYINT)
                    // It is called for what it does: DuckDB must not think that equal rows need but one call.
                    .withVolatile()
                    .withVectorizedFunction((rows, results) -> {
                        reader.get().accept(rows);
                        seen.add(rows.rowCount());
                    })
                    .register(connection);
        }
        String arguments =
                columns.stream().map(column -> '"' + column.name() + '"').collect(Collectors.joining(", "));
        try {
            query("SELECT count(%s(%s)), count(*) FROM %s".formatted(name, arguments, relation), rows -> {
                rows.next();
                if (rows.getLong(2) != seen.sum()) {
                    throw new IllegalStateException("Of %d rows, %d were seen".formatted(rows.getLong(2), seen.sum()));
                }
            });
        } finally {
            // DuckDB keeps the function as long as it lives.
            reader.set(rows -> {});
        }
    }

    /** A text as SQL writes it. */
    public static String quoted(Object text) {
        return "'" + text.toString().replace("'", "''") + "'";
    }

    private PreparedStatement prepare(String sql, Object... values) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new CommandFailed("DuckDB did not end well: " + e.getMessage(), e);
        }
    }
}
