package dev.bandit.bench;

import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.util.FileSystemUtils;

/**
 * A report on many events: the first time, when all of them have to be folded, and then, when those that are new do. The events are put into
 * the ledger by SQL: five decisions of ten with their rewards, four of them, and one observation, of four arms and a tenth as many units.
 */
final class ReportBench {

    private static final String ID = "reported";
    private static final long EVENTS = Long.getLong("bench.events", 10_000_000);
    private static final long NEW_EVENTS = 10_000;
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);

    private final Path folder;

    private ReportBench(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        Path folder = java.nio.file.Files.createTempDirectory("bandit-bench-");
        try {
            new ReportBench(folder).run();
        } finally {
            FileSystemUtils.deleteRecursively(folder);
        }
    }

    private void run() throws SQLException, IOException {
        try (Stack stack = new Stack(folder, Fsync.EVERYSEC, "--bandit.totals.interval=1h");
                Connection connection = connect(stack);
                Statement statement = connection.createStatement()) {
            stack.experiment(ID, 4, "");
            // Makes the day's partition.
            stack.service().send("POST", "/select", "{\"experiment_id\":\"" + ID + "\"}");
            stack.awaitRelay(ID);
            long start = System.nanoTime();
            insert(statement, 0, EVENTS / 10);
            statement.execute("analyze bandit_events");
            System.out.printf(Locale.ROOT, "%d events made in %.0f s%n", EVENTS, seconds(start));

            start = System.nanoTime();
            stack.service().send("POST", "/experiments/" + ID + "/recount", "");
            double first = seconds(start);
            List<Double> still = new ArrayList<>();
            List<Double> moving = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                insert(statement, (EVENTS + round * NEW_EVENTS) / 10, NEW_EVENTS / 10);
                moving.add(report(stack));
                still.add(report(stack));
            }
            System.out.printf(
                    Locale.ROOT,
                    "all folded: %.1f s, %.0f a second%nreport with %d new: %.3f s %s%nreport with none: %.3f s %s%n",
                    first,
                    EVENTS / first,
                    NEW_EVENTS,
                    Rounds.median(moving),
                    Rounds.list(moving, "%.3f"),
                    Rounds.median(still),
                    Rounds.list(still, "%.3f"));
            System.out.println(stack.service().send("GET", "/experiments/" + ID + "/report?format=text", ""));
        }
    }

    private static double report(Stack stack) {
        long start = System.nanoTime();
        stack.service().send("GET", "/experiments/" + ID + "/report", "");
        return seconds(start);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static Connection connect(Stack stack) throws SQLException {
        Database database = Servers.database(stack.postgres());
        return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
    }

    /** Ten events for each, in batches as the relay makes them under load. */
    private static void insert(Statement statement, long first, long tens) throws SQLException {
        long part = 100_000;
        for (long from = first; from < first + tens; from += part) {
            long to = Math.min(first + tens, from + part);
            for (int five = 0; five < 5; five++) {
                String rows = "select n * 5 + " + five + " as k, (n * 5 + " + five
                        + ") % 4 as arm from generate_series(" + from + ", " + (to - 1) + ") n";
                String batch = "(select batch from store_state where experiment_id = '" + ID + "') + 1 + (k - "
                        + from * 5 + ") / 10000";
                event(statement, rows, batch, "decision");
                if (five < 4) {
                    event(statement, rows, batch, "reward");
                } else {
                    event(statement, rows, batch, "observation");
                }
            }
            statement.execute(
                    "update store_state set batch = (select max(batch) from bandit_events) where experiment_id = '" + ID
                            + "'");
        }
    }

    private static void event(Statement statement, String rows, String batch, String kind) throws SQLException {
        boolean decision = kind.equals("decision");
        statement.execute(
                "insert into bandit_events (experiment_id, event_id, kind, event_time, recorded_at, arm_id, unit_id,"
                        + " propensity, policy, posterior_version, definition_version, reward, batch, propensities, latency_ms, score)"
                        + " select '" + ID + "', ('00000000-0000-0001-0000-' || lpad(to_hex(k), 12, '0'))::uuid, '"
                        + kind
                        + "', date_trunc('day', now() at time zone 'utc') at time zone 'utc', now(), 'arm-' || arm, "
                        + (decision
                                ? "'unit-' || k % " + Math.max(1, EVENTS / 10) + ", 0.25, 'thompson', 1, 1"
                                : "null, null, null, null, null")
                        + ", " + (kind.equals("reward") ? "case when hashint8(k) % 10 < arm then 1 else 0 end" : "null")
                        + ", " + batch
                        + ", " + (decision ? "'{0.25,0.25,0.25,0.25}'" : "null") + ", "
                        + (kind.equals("observation")
                                ? "50 + abs(hashint8(k)) % 1000 / 10.0, (abs(hashint8(k)) % 997) / 997.0"
                                : "null, null")
                        + " from (" + rows + ") r");
    }
}
