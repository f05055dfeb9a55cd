package dev.bandit.pipeline.ledger;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
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
    private static final String SPAN = sql("span.sql");
    private static final String NO_SUCH_TABLE = "42P01";

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
    public record Experiment(String id, List<String> arms, List<String> everArms, String feedback)
            implements Serializable {}

    /**
     * A period.
     *
     * @param from inclusive; null: from the first decision on
     * @param to exclusive; null: to the last one
     */
    public record Period(
            @Nullable OffsetDateTime from, @Nullable OffsetDateTime to) implements Serializable {

        /** As the driver takes it, whose infinities these are. */
        OffsetDateTime earliest() {
            return Objects.requireNonNullElse(from, OffsetDateTime.MIN);
        }

        OffsetDateTime latest() {
            return Objects.requireNonNullElse(to, OffsetDateTime.MAX);
        }
    }

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
    public record Count(long settled, long unsettled, long concluded, long unknown) implements Serializable {

        public static final Count NONE = new Count(0, 0, 0, 0);

        public Count plus(Count other) {
            return new Count(
                    settled + other.settled,
                    unsettled + other.unsettled,
                    concluded + other.concluded,
                    unknown + other.unknown);
        }
    }

    /** @throws CommandFailed if it cannot be reached */
    public static Ledger open(PostgresAddress address) {
        try {
            return new Ledger(address, address.connect());
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
            throw unreadable(address, e);
        }
    }

    /**
     * The decisions of a period, in pieces of the same time that others can read at once, as of the moment of this ledger while it is open.
     *
     * @param most how many pieces
     * @throws CommandFailed if the ledger cannot be read
     */
    public List<Slice> slices(Experiment experiment, Period period, int most) {
        try (PreparedStatement statement = connection.prepareStatement(SPAN)) {
            statement.setString(1, experiment.id());
            statement.setObject(2, period.earliest());
            statement.setObject(3, period.latest());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                String snapshot = row.getString(1);
                OffsetDateTime moment = row.getObject(2, OffsetDateTime.class);
                OffsetDateTime first = row.getObject(3, OffsetDateTime.class);
                if (first == null) {
                    return List.of();
                }
                OffsetDateTime after = row.getObject(4, OffsetDateTime.class).plusNanos(1_000);
                long nanos = Math.ceilDiv(Duration.between(first, after).toNanos(), most);
                List<Slice> slices = new ArrayList<>();
                for (OffsetDateTime from = first; from.isBefore(after); from = from.plusNanos(nanos)) {
                    OffsetDateTime to = from.plusNanos(nanos);
                    slices.add(new Slice(
                            address, snapshot, moment, experiment, new Period(from, to.isBefore(after) ? to : after)));
                }
                return slices;
            }
        } catch (SQLException e) {
            throw unreadable(address, e);
        }
    }

    static CommandFailed unreadable(PostgresAddress address, SQLException e) {
        return new CommandFailed(
                NO_SUCH_TABLE.equals(e.getSQLState())
                        ? "%s is no database of a Bandit service: %s".formatted(address, e.getMessage())
                        : "The ledger in %s cannot be read: %s".formatted(address, e.getMessage()),
                e);
    }

    static String sql(String name) {
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
