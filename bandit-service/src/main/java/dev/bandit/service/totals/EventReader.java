package dev.bandit.service.totals;

import dev.bandit.service.totals.Event.Identity;
import dev.bandit.service.totals.Event.Odds;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads an experiment's events from Postgres in the order of the ledger and folds them. Events of one part are matched here, in memory; what
 * they belong to in earlier parts is looked up for all of them at once.
 */
final class EventReader {

    /** What is held in memory. A run is smaller but for events from before there were batches, which are all of one. */
    private static final int PART_ROWS = 200_000;

    /** Of so many units of an arm, those that are known are better left out first: an insert that finds them costs ten times as much. */
    private static final int MANY_UNITS = 100;

    private static final int FETCH = 10_000;
    private static final long DAY_MS = Duration.ofDays(1).toMillis();

    private static final String ROWS = TotalsTable.sql("totals_rows");
    private static final String EARLIER = TotalsTable.sql("totals_earlier");
    private static final String KNOWN_UNITS = TotalsTable.sql("totals_known_units");
    private static final String UNITS = TotalsTable.sql("totals_units");

    private final Connection connection;
    private final String experimentId;
    private final Fold fold;
    private final Map<Integer, List<String>> armsOfVersions = new HashMap<>();

    /** @param connection inside a transaction */
    EventReader(Connection connection, String experimentId, Fold fold) {
        this.connection = connection;
        this.experimentId = experimentId;
        this.fold = fold;
    }

    /** Folds the batches above one up to another, and remembers the units in them. */
    void read(long after, long last) throws SQLException {
        // In the order of the index: a plan for a run's own numbers would sort all of it.
        plans("force_generic_plan");
        try (PreparedStatement statement = connection.prepareStatement(ROWS)) {
            statement.setFetchSize(FETCH);
            statement.setString(1, experimentId);
            statement.setLong(2, after);
            statement.setLong(3, last);
            List<Event> part = new ArrayList<>();
            long before = after;
            try (ResultSet row = statement.executeQuery()) {
                // Only a plan that knows the ids makes a hash of them: others may compare each row with each id where
                // statistics are old.
                plans("force_custom_plan");
                while (row.next()) {
                    part.add(event(row));
                    if (part.size() == PART_ROWS) {
                        add(part, before);
                        before = part.getLast().batch;
                        part.clear();
                    }
                }
            }
            add(part, before);
        }
    }

    private void plans(String mode) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set local plan_cache_mode = " + mode);
        }
    }

    /** @param before up to which batch there may be events that are not in this part and come before it */
    private void add(List<Event> part, long before) throws SQLException {
        match(part, before);
        markNewUnits(part);
        part.forEach(fold::add);
    }

    /** Brings outcomes and decisions together. */
    private void match(List<Event> part, long before) throws SQLException {
        Map<Identity, Event> decisions = new HashMap<>();
        for (Event event : part) {
            if (event.isDecision()) {
                decisions.put(event.key, event);
            }
        }
        Map<Identity, List<Event>> strays = new HashMap<>();
        for (Event event : part) {
            if (event.isOutcome()) {
                Event decision = decisions.get(event.key);
                if (decision == null) {
                    strays.computeIfAbsent(event.key, key -> new ArrayList<>()).add(event);
                } else {
                    Event.match(decision, event);
                }
            }
        }
        Map<Long, List<UUID>> days = new TreeMap<>();
        for (Set<Identity> keys : List.of(decisions.keySet(), strays.keySet())) {
            for (Identity key : keys) {
                days.computeIfAbsent(Math.floorDiv(key.time(), DAY_MS), day -> new ArrayList<>())
                        .add(key.id());
            }
        }
        for (var day : days.entrySet()) {
            for (Event earlier : earlier(day.getKey(), day.getValue(), before)) {
                if (earlier.isDecision()) {
                    strays.getOrDefault(earlier.key, List.of()).forEach(outcome -> Event.match(earlier, outcome));
                    continue;
                }
                Event decision = decisions.get(earlier.key);
                if (decision != null) {
                    Event.match(decision, earlier);
                }
            }
        }
    }

    private List<Event> earlier(long day, List<UUID> ids, long before) throws SQLException {
        List<Event> earlier = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(EARLIER)) {
            statement.setString(1, experimentId);
            statement.setArray(2, connection.createArrayOf("uuid", ids.toArray()));
            statement.setTimestamp(3, new Timestamp(day * DAY_MS));
            statement.setTimestamp(4, new Timestamp((day + 1) * DAY_MS));
            statement.setLong(5, before);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    earlier.add(event(row));
                }
            }
        }
        return earlier;
    }

    /** Marks the first decision of each unit that has not seen the arm before this part. */
    private void markNewUnits(List<Event> part) throws SQLException {
        Map<String, Map<String, Event>> firsts = new HashMap<>();
        for (Event event : part) {
            if (event.isDecision() && event.unitId != null) {
                firsts.computeIfAbsent(event.armId, arm -> new HashMap<>()).putIfAbsent(event.unitId, event);
            }
        }
        List<String> arms = new ArrayList<>();
        List<String> units = new ArrayList<>();
        for (var arm : firsts.entrySet()) {
            if (arm.getValue().size() >= MANY_UNITS) {
                forgetKnown(arm.getKey(), arm.getValue());
            }
            for (String unit : arm.getValue().keySet()) {
                arms.add(arm.getKey());
                units.add(unit);
            }
        }
        if (arms.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(UNITS)) {
            statement.setString(1, experimentId);
            statement.setArray(2, connection.createArrayOf("text", arms.toArray()));
            statement.setArray(3, connection.createArrayOf("text", units.toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Map<String, Event> ofArm = Objects.requireNonNull(firsts.get(row.getString(1)));
                    Objects.requireNonNull(ofArm.get(row.getString(2))).newUnit = true;
                }
            }
        }
    }

    /** Leaves those units that have not seen the arm. */
    private void forgetKnown(String armId, Map<String, Event> units) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(KNOWN_UNITS)) {
            statement.setString(1, experimentId);
            statement.setString(2, armId);
            statement.setArray(
                    3, connection.createArrayOf("text", units.keySet().toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    units.remove(row.getString(1));
                }
            }
        }
    }

    private Event event(ResultSet row) throws SQLException {
        String kind = row.getString("kind");
        return new Event(
                key(row),
                row.getLong("batch"),
                kind,
                row.getString("arm_id"),
                row.getString("unit_id"),
                row.getDouble("reward"),
                row.getObject("latency_ms", Double.class),
                row.getObject("score", Double.class),
                row.getString("policy"),
                odds(row));
    }

    private static Identity key(ResultSet row) throws SQLException {
        return new Identity(
                row.getObject("event_id", UUID.class),
                row.getTimestamp("event_time").getTime());
    }

    private @Nullable Odds odds(ResultSet row) throws SQLException {
        Array array = row.getArray("propensities");
        if (array == null) {
            return null;
        }
        Float[] values = (Float[]) array.getArray();
        double[] propensities = new double[values.length];
        for (int i = 0; i < propensities.length; i++) {
            propensities[i] = values[i];
        }
        int version = row.getInt("definition_version");
        List<String> arms = armsOfVersions.get(version);
        if (arms == null) {
            arms = armNames(version);
            armsOfVersions.put(version, arms);
        }
        return new Odds(propensities, arms);
    }

    /** Of a version that was, in its order. */
    private List<String> armNames(int version) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                select variant ->> 'name'
                  from experiment_history, jsonb_array_elements(definition -> 'variants') with ordinality as v (variant, place)
                 where experiment_id = ? and version = ? order by place
                """)) {
            statement.setString(1, experimentId);
            statement.setInt(2, version);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    names.add(row.getString(1));
                }
            }
        }
        return names;
    }
}
