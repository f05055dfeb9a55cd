package dev.bandit.bench;

import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Load;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.PGConnection;

/**
 * How fast an outbox that has grown while Postgres was away drains, beside a bare {@code COPY} of the same rows, ready in memory, into a table
 * like the ledger's partition, with the same rows before them.
 */
final class RelayBench {

    private static final String ID = "relay";
    private static final int BATCH = 1_000;
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int EVENTS = Integer.getInteger("bench.events", 500_000);

    private final Path folder;

    RelayBench(Path folder) {
        this.folder = folder;
    }

    void run() throws SQLException, IOException, InterruptedException {
        List<Double> relay = new ArrayList<>();
        List<Double> copy = new ArrayList<>();
        List<Double> service = new ArrayList<>();
        try (Stack stack = new Stack(folder, Fsync.EVERYSEC);
                Connection connection = connect(stack);
                Statement statement = connection.createStatement()) {
            stack.experiment(ID, 10, "");
            stack.service().send("POST", "/select", "{\"experiment_id\":\"" + ID + "\"}");
            stack.awaitRelay(ID);
            String partition = text(
                    statement,
                    "select inhrelid::regclass::text from pg_inherits where inhparent = 'bandit_events'::regclass");
            statement.execute("create table bare (like " + partition + " including all)");
            // The first time is practice, for the JVM and for the files.
            for (int round = 0; round <= ROUNDS; round++) {
                String since = text(statement, "select now()::text");
                long before = count(statement, partition);
                statement.execute("select pg_advisory_lock(hashtextextended('bandit experiment " + ID + "', 0))");
                long made = decisions(stack);
                fill(stack.service());
                // A decision may take the way through the journal.
                while (decisions(stack) < made + EVENTS) {
                    Thread.sleep(50);
                }
                statement.execute("checkpoint");
                double cpu = stack.service().cpuSeconds();
                long start = System.nanoTime();
                statement.execute("select pg_advisory_unlock(hashtextextended('bandit experiment " + ID + "', 0))");
                stack.awaitRelay(ID);
                double seconds = (System.nanoTime() - start) / 1e9;
                cpu = stack.service().cpuSeconds() - cpu;
                long rows = count(statement, partition) - before;
                if (rows != EVENTS) {
                    throw new IllegalStateException(rows + " rows came, expected " + EVENTS);
                }
                double bareSeconds = copy(connection, partition, since);
                if (round > 0) {
                    relay.add(EVENTS / seconds);
                    copy.add(EVENTS / bareSeconds);
                    service.add(cpu * 1e6 / EVENTS);
                }
            }
        }
        System.out.printf("%n%-28s %12s %14s%n", EVENTS + " rows", "a second", "us of service");
        System.out.printf(
                Locale.ROOT,
                "%-28s %12.0f %14.2f   %s%n",
                "relay",
                Rounds.median(relay),
                Rounds.median(service),
                Rounds.list(relay, "%.0f"));
        System.out.printf(
                Locale.ROOT,
                "%-28s %12.0f %14s   %s%n",
                "bare COPY",
                Rounds.median(copy),
                "",
                Rounds.list(copy, "%.0f"));
        System.out.printf(Locale.ROOT, "relay over COPY: %.2f%n", Rounds.ratio(relay, copy));
    }

    private static Connection connect(Stack stack) throws SQLException {
        Database database = Servers.database(stack.postgres());
        return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
    }

    /** Fills the outbox while the relay is locked out. */
    private static void fill(JavaServer service) throws InterruptedException {
        byte[] request = Load.post(
                "/select/batch",
                "{\"requests\":["
                        + String.join(
                                ",",
                                Collections.nCopies(
                                        BATCH, "{\"experiment_id\":\"" + ID + "\",\"unit_id\":\"user-1234567\"}"))
                        + "]}");
        AtomicLong left = new AtomicLong(EVENTS / BATCH);
        Load.Result result = new Load(service.port(), 4, Duration.ofMinutes(3))
                .run((connection, n) -> left.getAndDecrement() > 0 ? request : null);
        if (result.status(200) != EVENTS / BATCH) {
            throw new IllegalStateException(result.toString());
        }
    }

    /** Decisions that Redis has on record. */
    private static long decisions(Stack stack) {
        return stack.commands().hgetall("experiment:{" + ID + "}:counts").entrySet().stream()
                .filter(counter -> counter.getKey().startsWith("d:"))
                .mapToLong(counter -> Long.parseLong(counter.getValue()))
                .sum();
    }

    private static double copy(Connection connection, String partition, String since) throws SQLException, IOException {
        var copies = connection.unwrap(PGConnection.class).getCopyAPI();
        ByteArrayOutputStream rows = new ByteArrayOutputStream(1 << 27);
        copies.copyOut(
                "copy (select * from " + partition + " where recorded_at >= '" + since + "') to stdout (format binary)",
                rows);
        var in = new ByteArrayInputStream(rows.toByteArray());
        try (Statement statement = connection.createStatement()) {
            statement.execute("checkpoint");
        }
        long start = System.nanoTime();
        long copied = copies.copyIn("copy bare from stdin (format binary)", in, 1 << 16);
        double seconds = (System.nanoTime() - start) / 1e9;
        if (copied != EVENTS) {
            throw new IllegalStateException(copied + " rows copied, expected " + EVENTS);
        }
        return seconds;
    }

    private static long count(Statement statement, String table) throws SQLException {
        return Long.parseLong(text(statement, "select count(*) from " + table));
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            if (!rows.next()) {
                throw new IllegalStateException("nothing: " + query);
            }
            return rows.getString(1);
        }
    }
}
