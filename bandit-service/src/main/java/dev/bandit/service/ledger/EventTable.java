package dev.bandit.service.ledger;

import dev.bandit.service.ledger.LedgerEvent.Choice;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLState;

/** Writes events into {@code bandit_events}, each once, with one {@code COPY} a day's partition. */
final class EventTable {

    private static final String COLUMNS = "experiment_id, event_id, kind, event_time, recorded_at, arm_id, unit_id,"
            + " propensity, policy, posterior_version, definition_version, reward, reward_id,"
            + " batch, propensities, latency_ms, score, model_version, metrics";
    private static final int WIDTH = 19;
    private static final DateTimeFormatter SUFFIX = DateTimeFormatter.ofPattern("yyyy_MM_dd");

    private static final long DAY_MS = Duration.ofDays(1).toMillis();

    private final ConcurrentHashMap<Long, String> partitions = new ConcurrentHashMap<>();

    /**
     * Writes inside the caller's transaction. The caller holds the experiment's advisory lock.
     *
     * @param batch what these events are marked with
     * @return how many of them were new
     */
    long write(Connection connection, String experimentId, List<LedgerEvent> events, long batch) throws SQLException {
        Map<Long, CopyRows> days = new TreeMap<>();
        for (LedgerEvent event : events) {
            long day = Math.floorDiv(event.eventTime(), DAY_MS);
            put(days.computeIfAbsent(day, d -> new CopyRows()), experimentId, event, batch);
        }
        long written = 0;
        for (var day : days.entrySet()) {
            written += copy(connection, partition(connection, day.getKey()), day.getValue());
        }
        return written;
    }

    /** Straight into the partition; when it refuses a row that is already there, through a staging table that leaves such rows out. */
    private static long copy(Connection connection, String partition, CopyRows rows) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            return copyInto(connection, partition, rows);
        } catch (SQLException e) {
            if (!PSQLState.UNIQUE_VIOLATION.getState().equals(e.getSQLState())) {
                throw e;
            }
            connection.rollback(before);
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("create temp table staged_events (like bandit_events) on commit drop");
            copyInto(connection, "staged_events", rows);
            long written = statement.executeLargeUpdate(
                    "insert into " + partition + " select * from staged_events on conflict do nothing");
            statement.execute("drop table staged_events");
            return written;
        }
    }

    private static long copyInto(Connection connection, String table, CopyRows rows) throws SQLException {
        return rows.send(connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("copy " + table + " (" + COLUMNS + ") from stdin (format binary)"));
    }

    private static void put(CopyRows rows, String experimentId, LedgerEvent event, long batch) {
        rows.row(WIDTH);
        rows.text(experimentId);
        rows.uuid(event.eventId().getMostSignificantBits(), event.eventId().getLeastSignificantBits());
        rows.text(event.kind().label());
        rows.timestamp(event.eventTime());
        rows.timestamp(event.recordedAt());
        rows.text(event.armId());
        rows.text(event.unitId());
        Choice choice = event.choice();
        if (choice == null) {
            rows.absent();
            rows.absent();
            rows.absent();
            rows.absent();
        } else {
            rows.number(choice.propensity());
            rows.text(choice.policy());
            rows.bigint(choice.posteriorVersion());
            rows.integer(choice.definitionVersion());
        }
        if (event.micros() < 0) {
            rows.absent();
        } else {
            rows.number(event.micros() / 1e6);
        }
        rows.text(event.rewardId());
        rows.bigint(batch);
        rows.reals(choice == null ? null : choice.propensities());
        Observation observation = event.observation();
        rows.number(observation == null ? null : observation.latencyMs());
        rows.number(observation == null ? null : observation.score());
        rows.text(observation == null ? null : observation.modelVersion());
        rows.json(observation == null ? null : observation.metrics());
    }

    /** The day's partition, made when it is not there yet. The name is remembered once a transaction that saw the table has ended well. */
    private String partition(Connection connection, long epochDay) throws SQLException {
        String known = partitions.get(epochDay);
        if (known != null) {
            return known;
        }
        LocalDate day = LocalDate.ofEpochDay(epochDay);
        String name = name(day);
        try (Statement statement = connection.createStatement()) {
            statement.execute("select pg_advisory_xact_lock(hashtext('bandit_events partitions'))");
            if (!isPartition(statement, name)) {
                // Attached rather than created in place: that would wait for, and then hold up, every reader of the
                // whole table.
                statement.execute("create table if not exists " + name + " (like bandit_events including all)");
                statement.execute("alter table bandit_events attach partition " + name + " for values from ('" + day
                        + "T00:00:00Z') to ('" + day.plusDays(1) + "T00:00:00Z')");
            }
        }
        return name;
    }

    private static boolean isPartition(Statement statement, String name) throws SQLException {
        try (ResultSet rows =
                statement.executeQuery("select 1 from pg_inherits where inhrelid = to_regclass('" + name + "')")) {
            return rows.next();
        }
    }

    /**
     * Writes events that may be on record already. A decision's event always falls on the decision's day, so its id tells; a reward named by
     * its sender may stand under another day, so its name is looked for first.
     *
     * @return how many of them Redis must have taken for new although they were on record, or were not
     */
    long writeAgain(Connection connection, String experimentId, List<LedgerEvent> events, long batch)
            throws SQLException {
        Map<UUID, Long> known = knownNames(connection, experimentId, events);
        long surprising = events.stream()
                .filter(event -> known.containsKey(event.eventId()) && known.get(event.eventId()) != event.eventTime())
                .count();
        return surprising
                + write(
                        connection,
                        experimentId,
                        events.stream()
                                .filter(event -> !known.containsKey(event.eventId()))
                                .toList(),
                        batch);
    }

    /** The rewards and exposures named by their sender that are on record, with their time. */
    private static Map<UUID, Long> knownNames(Connection connection, String experimentId, List<LedgerEvent> events)
            throws SQLException {
        UUID[] names = events.stream()
                .filter(event -> event.eventId().getLeastSignificantBits() < 0)
                .map(LedgerEvent::eventId)
                .toArray(UUID[]::new);
        Map<UUID, Long> known = new HashMap<>();
        if (names.length == 0) {
            return known;
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "select event_id, event_time from bandit_events where experiment_id = ? and event_id = any(?) and kind in ('reward', 'decision')")) {
            statement.setString(1, experimentId);
            statement.setArray(2, connection.createArrayOf("uuid", names));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    known.put(
                            rows.getObject(1, UUID.class), rows.getTimestamp(2).getTime());
                }
            }
        }
        return known;
    }

    /** Tells that the transaction in which these were written has committed. */
    void committed(List<LedgerEvent> events) {
        for (LedgerEvent event : events) {
            long day = Math.floorDiv(event.eventTime(), DAY_MS);
            if (!partitions.containsKey(day)) {
                partitions.put(day, name(LocalDate.ofEpochDay(day)));
            }
        }
    }

    private static String name(LocalDate day) {
        return "bandit_events_" + SUFFIX.format(day);
    }
}
