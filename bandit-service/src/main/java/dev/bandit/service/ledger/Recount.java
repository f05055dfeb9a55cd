package dev.bandit.service.ledger;

import dev.bandit.service.ledger.LedgerEvent.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** What Postgres says an experiment has learned and must remember: all that a rebuild of the state in Redis needs. */
public final class Recount {

    /**
     * What one arm has been through.
     *
     * @param decisions how often it was chosen
     * @param learned how many outcomes were learned from
     * @param matured how many of those are windows that closed without a reward
     * @param micros the sum of their rewards in millionths
     */
    public record ArmCounts(long decisions, long learned, long matured, long micros) {
        /** Nothing yet. */
        public static final ArmCounts NONE = new ArmCounts(0, 0, 0, 0);

        /** Both together. */
        public ArmCounts plus(ArmCounts other) {
            return new ArmCounts(
                    decisions + other.decisions,
                    learned + other.learned,
                    matured + other.matured,
                    micros + other.micros);
        }

        /** What one event adds. */
        public static ArmCounts of(LedgerEvent event) {
            return switch (event.kind()) {
                case DECISION -> new ArmCounts(1, 0, 0, 0);
                case REWARD -> new ArmCounts(0, 1, 0, event.micros());
                case MATURED -> new ArmCounts(0, 1, 1, 0);
                case LATE, OBSERVATION -> NONE;
            };
        }

        /**
         * Failures in millionths: what the arm's beta has beyond its prior.
         *
         * @param exposure whether every decision is a trial, rather than every outcome
         */
        public long failureMicros(boolean exposure) {
            return Math.max((exposure ? decisions : learned) * 1_000_000 - micros, 0);
        }
    }

    /** Receives each outcome on record; a decision may come more than once, with different kinds. */
    @FunctionalInterface
    public interface Outcomes {
        void outcome(UUID eventId, Kind kind, String armId, Instant recordedAt, int micros);
    }

    /** Receives each decision whose window is open. */
    @FunctionalInterface
    public interface OpenDecisions {
        void open(UUID eventId, String armId, Instant decidedAt);
    }

    private static final String ARMS = sql("recount_arms");
    private static final String STREAMS = sql("recount_streams");
    private static final String REMEMBERED = sql("recount_remembered");
    private static final String OPEN = sql("recount_open");
    private static final int FETCH = 10_000;

    private final Connection connection;
    private final String experimentId;

    /** Reads through this connection, whose transactions the caller minds. */
    public Recount(Connection connection, String experimentId) {
        this.connection = connection;
        this.experimentId = experimentId;
    }

    /** Counts of every arm that was ever chosen or rewarded. */
    public Map<String, ArmCounts> arms() throws SQLException {
        Map<String, ArmCounts> counts = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(ARMS)) {
            statement.setString(1, experimentId);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    counts.put(
                            rows.getString(1),
                            new ArmCounts(
                                    rows.getLong(2),
                                    rows.getLong(3),
                                    rows.getLong(3) - rows.getLong(4),
                                    rows.getLong(5)));
                }
            }
        }
        return counts;
    }

    /** Each decision stream that was written to since then, with its last counter. */
    public Map<Long, Long> streams(Instant since) throws SQLException {
        Map<Long, Long> last = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(STREAMS)) {
            statement.setString(1, experimentId);
            statement.setTimestamp(2, Timestamp.from(since));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    UUID eventId = UUID.fromString(rows.getString(2));
                    last.put(eventId.getMostSignificantBits(), eventId.getLeastSignificantBits());
                }
            }
        }
        return last;
    }

    /** Every outcome of the decisions made since then, and every exposure named by its sender, in the order of their ids. */
    public void outcomes(Instant since, Outcomes receiver) throws SQLException {
        stream(REMEMBERED, since, rows -> {
            String kind = rows.getString(2);
            receiver.outcome(
                    rows.getObject(1, UUID.class),
                    switch (kind) {
                        case "decision" -> Kind.DECISION;
                        case "reward" -> Kind.REWARD;
                        case "late" -> Kind.LATE;
                        case "matured" -> Kind.MATURED;
                        default -> throw new IllegalStateException("event kind " + kind + " in bandit_events");
                    },
                    rows.getString(3),
                    rows.getTimestamp(4).toInstant(),
                    rows.getInt(5));
        });
    }

    /** Every decision made since then that has no outcome, oldest first. */
    public void open(Instant since, OpenDecisions receiver) throws SQLException {
        stream(
                OPEN,
                since,
                rows -> receiver.open(
                        rows.getObject(1, UUID.class),
                        rows.getString(2),
                        rows.getTimestamp(3).toInstant()));
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    /** In a transaction, so that the driver fetches a cursor's worth at a time and memory stays flat. */
    private void stream(String sql, Instant since, RowReader reader) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setFetchSize(FETCH);
            statement.setString(1, experimentId);
            statement.setTimestamp(2, Timestamp.from(since));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    reader.read(rows);
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }

    private static String sql(String name) {
        try (InputStream in = Recount.class.getResourceAsStream("/sql/" + name + ".sql")) {
            if (in == null) {
                throw new IllegalStateException("/sql/" + name + ".sql is missing from the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
