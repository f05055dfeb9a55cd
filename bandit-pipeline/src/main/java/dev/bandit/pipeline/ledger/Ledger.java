package dev.bandit.pipeline.ledger;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a service has put on record, as it was when this was opened. Reads only; not for several threads at once. */
public final class Ledger implements AutoCloseable {

    private static final String ARMS = sql("arms.sql");
    private static final String ROUNDS = sql("rounds.sql");
    private static final int FETCH = 10_000;
    private static final String NO_SUCH_TABLE = "42P01";

    /** Of decisions that say nothing: the winner is given to everybody. */
    private static final String CONCLUDED = "concluded";

    private final PostgresAddress address;
    private final Connection connection;

    private Ledger(PostgresAddress address, Connection connection) {
        this.address = address;
        this.connection = connection;
    }

    /**
     * @param arms that it has now
     * @param everArms those first, then the ones that it had once
     * @param feedback {@code explicit}, {@code exposure} or {@code window}
     */
    public record Experiment(String id, List<String> arms, List<String> everArms, String feedback) {}

    /**
     * A period.
     *
     * @param from inclusive; null: from the first decision on
     * @param to exclusive; null: to the last one
     */
    public record Period(
            @Nullable OffsetDateTime from, @Nullable OffsetDateTime to) {}

    /** Receives a decision that is settled. */
    @FunctionalInterface
    public interface Rounds {
        /**
         * @param name the unit's, or the decision's own where no unit was told
         * @param propensity with which the arm was chosen, in (0, 1]
         * @param reward in [0, 1]
         */
        void round(String name, String arm, double propensity, double reward);
    }

    /**
     * How many decisions there were.
     *
     * @param settled those that were received
     * @param unsettled without a reward under {@code explicit}, or whose window is still open
     * @param concluded made after the experiment was concluded: everybody got the winner
     * @param unknown whose propensity is not on record: exposures that somebody else decided
     */
    public record Count(long settled, long unsettled, long concluded, long unknown) {}

    /** @throws CommandFailed if it cannot be reached */
    public static Ledger open(PostgresAddress address) {
        try {
            Connection connection = address.connect();
            connection.setReadOnly(true);
            // One moment for all that is read; and the driver fetches by cursor only within a transaction.
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            return new Ledger(address, connection);
        } catch (SQLException e) {
            throw new CommandFailed("Postgres at %s cannot be reached: %s".formatted(address, e.getMessage()), e);
        }
    }

    /** @throws CommandFailed if there is none of that name, or no ledger */
    public Experiment experiment(String id) {
        try (PreparedStatement definitions =
                        connection.prepareStatement("select definition from experiments where id = ?");
                PreparedStatement ever = connection.prepareStatement(ARMS)) {
            definitions.setString(1, id);
            JsonNode definition;
            try (ResultSet row = definitions.executeQuery()) {
                if (!row.next()) {
                    throw new CommandFailed("There is no experiment %s in %s".formatted(id, address));
                }
                definition = JsonMapper.shared().readTree(row.getString(1));
            }
            List<String> arms = new ArrayList<>();
            for (JsonNode variant : definition.required("variants")) {
                arms.add(variant.required("name").asString());
            }
            Set<String> everArms = new LinkedHashSet<>(arms);
            ever.setString(1, id);
            try (ResultSet rows = ever.executeQuery()) {
                while (rows.next()) {
                    everArms.add(rows.getString(1));
                }
            }
            return new Experiment(
                    id,
                    arms,
                    List.copyOf(everArms),
                    definition.required("feedback").asString());
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    /**
     * Every decision of the period that is settled, with its reward as the service has learned it: under {@code exposure} one without
     * reward has failed; under {@code window} too, once its window has closed, and none counts before; under {@code explicit} only what was
     * rewarded counts, since nobody knows of the others. A late reward is none.
     *
     * @param rounds in no order; memory does not depend on how many
     * @throws CommandFailed if they cannot be read
     */
    public Count rounds(Experiment experiment, Period period, Rounds rounds) {
        try (PreparedStatement statement = connection.prepareStatement(ROUNDS)) {
            statement.setFetchSize(FETCH);
            // The driver's infinities.
            OffsetDateTime from = Objects.requireNonNullElse(period.from(), OffsetDateTime.MIN);
            OffsetDateTime to = Objects.requireNonNullElse(period.to(), OffsetDateTime.MAX);
            statement.setObject(1, from);
            statement.setObject(2, to);
            statement.setString(3, experiment.id());
            statement.setObject(4, from);
            statement.setObject(5, to);
            try (ResultSet rows = statement.executeQuery()) {
                return read(rows, experiment.feedback().equals("explicit"), rounds);
            }
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    private static Count read(ResultSet rows, boolean explicit, Rounds rounds) throws SQLException {
        long settled = 0;
        long unsettled = 0;
        long concluded = 0;
        long unknown = 0;
        while (rows.next()) {
            double propensity = rows.getDouble(3);
            if (rows.wasNull()) {
                unknown++;
                continue;
            }
            if (CONCLUDED.equals(rows.getString(4))) {
                concluded++;
                continue;
            }
            double reward = rows.getDouble(5);
            if (explicit ? rows.wasNull() : !rows.getBoolean(6)) {
                unsettled++;
                continue;
            }
            settled++;
            rounds.round(rows.getString(1), rows.getString(2), propensity, reward);
        }
        return new Count(settled, unsettled, concluded, unknown);
    }

    private CommandFailed unreadable(SQLException e) {
        return new CommandFailed(
                NO_SUCH_TABLE.equals(e.getSQLState())
                        ? "%s is no database of a Bandit service: %s".formatted(address, e.getMessage())
                        : "The ledger in %s cannot be read: %s".formatted(address, e.getMessage()),
                e);
    }

    private static String sql(String name) {
        try (InputStream file = Objects.requireNonNull(Ledger.class.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new CommandFailed("The connection to %s did not end well: %s".formatted(address, e.getMessage()), e);
        }
    }
}
