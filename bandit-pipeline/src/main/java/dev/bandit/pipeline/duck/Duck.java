package dev.bandit.pipeline.duck;

import dev.bandit.cli.CommandFailed;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;

/** One DuckDB in this process, in memory; what does not fit is put aside into a folder. Not for several threads at once. */
public final class Duck implements AutoCloseable {

    /** Does something with a row; the cursor is the caller's. */
    @FunctionalInterface
    public interface Rows {
        void accept(ResultSet rows) throws SQLException;
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
            return new Duck(DriverManager.getConnection("jdbc:duckdb:", settings));
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
