package dev.bandit.service.faults;

import dev.bandit.service.decision.DecisionId;
import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.faults.OutageLoad.Decided;
import dev.bandit.service.testing.Servers.Database;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Reads what Postgres has on record, past the service. */
final class OutageLedger {

    /** What services are told to sign decision ids with, so that a test can read them. */
    static final String SECRET = "of the outage tests only";

    private static final DecisionIds IDS = new DecisionIds(SECRET.getBytes(StandardCharsets.UTF_8), List.of());
    private static final int SHOWN = 5;

    private final Database database;

    OutageLedger(Database database) {
        this.database = database;
    }

    static DecisionId decision(String token) {
        return IDS.decode(token);
    }

    /** One event of the ledger, in words. */
    private static String decisionEvent(String eventId, String arm, double propensity, String policy) {
        return "decision " + eventId + " " + arm + " " + propensity + " " + policy;
    }

    private static String rewardEvent(String eventId, String arm, double reward) {
        return "reward " + eventId + " " + arm + " " + reward;
    }

    /** Every event of the experiment, in words, with how often it is there. */
    Map<String, Integer> events(String experiment) throws SQLException {
        Map<String, Integer> events = new HashMap<>();
        try (Connection connection = connect();
                var statement = connection.prepareStatement(
                        "select kind, event_id, arm_id, propensity, policy, reward from bandit_events where experiment_id = ?")) {
            statement.setString(1, experiment);
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    String event = rows.getString(1).equals("decision")
                            ? decisionEvent(rows.getString(2), rows.getString(3), rows.getDouble(4), rows.getString(5))
                            : rewardEvent(rows.getString(2), rows.getString(3), rows.getDouble(6));
                    events.merge(event, 1, Integer::sum);
                }
            }
        }
        return events;
    }

    /** How the ledger differs from what the load was told; empty when every answered decision and reward is there, once. */
    List<String> missing(String experiment, OutageLoad load) throws SQLException {
        return missing(experiment, load, decided -> true);
    }

    /** Like {@link #missing}, but only some decisions must be there. */
    List<String> missing(String experiment, OutageLoad load, Predicate<Decided> which) throws SQLException {
        return new Difference(events(experiment), told(load, which)).missing();
    }

    /** Like {@link #missing}, and nothing else is there. */
    List<String> differences(String experiment, OutageLoad load) throws SQLException {
        Difference difference = new Difference(events(experiment), told(load, decided -> true));
        List<String> all = new ArrayList<>(difference.missing());
        all.addAll(difference.surplus());
        return all;
    }

    private static List<String> told(OutageLoad load, Predicate<Decided> which) {
        List<String> told = new ArrayList<>();
        load.decided().forEach((token, decided) -> {
            if (which.test(decided)) {
                told.add(event(token, decided));
            }
        });
        load.rewarded()
                .forEach((token, reward) -> told.add(rewardEvent(
                        decision(token).eventId().toString(), decision(token).armId(), reward)));
        return told;
    }

    private static String event(String token, Decided decided) {
        return decisionEvent(
                decision(token).eventId().toString(), decided.arm(), decided.propensity(), decided.policy());
    }

    private record Difference(Map<String, Integer> events, List<String> told) {

        /** At most a few, and how many more: a list of thousands tells no more. */
        List<String> missing() {
            return shorten(
                    "missing or doubled",
                    told.stream()
                            .filter(event -> events.getOrDefault(event, 0) != 1)
                            .toList());
        }

        List<String> surplus() {
            Map<String, Integer> rest = new TreeMap<>(events);
            told.forEach(rest::remove);
            return shorten("never answered", List.copyOf(rest.keySet()));
        }

        private static List<String> shorten(String what, List<String> events) {
            if (events.isEmpty()) {
                return List.of();
            }
            return List.of(events.size() + " " + what + ": "
                    + String.join(", ", events.subList(0, Math.min(SHOWN, events.size()))));
        }
    }

    /** Rows of a query, their columns joined by a space. */
    List<String> rows(String sql) throws SQLException {
        List<String> result = new ArrayList<>();
        try (Connection connection = connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(rows.getString(i));
                }
                result.add(String.join(" ", row));
            }
        }
        return result;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
    }
}
