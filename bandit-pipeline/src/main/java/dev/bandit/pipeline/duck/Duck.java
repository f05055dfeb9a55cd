package dev.bandit.pipeline.duck;

import dev.bandit.cli.CommandFailed;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleConsumer;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBPreparedStatement;

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

    private final Connection connection;

    private Duck(Connection connection) {
        this.connection = connection;
    }

    /**
     * @param aside for what does not fit in memory; need not exist
     * @throws CommandFailed if DuckDB cannot be started
     */
    public static Duck open(Path aside) {
        Properties settings = new Properties();
        settings.setProperty("temp_directory", aside.toString());
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
     * A way into the one DuckDB that all threads of this process share, for what needs no room but memory.
     *
     * @throws CommandFailed if DuckDB cannot be started
     */
    public static Duck here() {
        try {
            return Shared.DUCK.another();
        } catch (SQLException e) {
            throw new CommandFailed("DuckDB could not be started: " + e.getMessage(), e);
        }
    }

    /** Started when it is first asked for, and ends with the process. */
    private static final class Shared {
        static final Duck DUCK = open(Path.of(System.getProperty("java.io.tmpdir"), "bandit-aside"));
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
     * Another way into the same DuckDB, for another thread.
     *
     * @throws SQLException as DuckDB says
     */
    Duck another() throws SQLException {
        return new Duck(connection.unwrap(DuckDBConnection.class).duplicate());
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
