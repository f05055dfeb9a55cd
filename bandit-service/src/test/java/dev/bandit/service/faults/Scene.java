package dev.bandit.service.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.RedisServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessClient;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** One experiment of four arms on a service, a Redis and a Postgres database of its own. */
final class Scene implements AutoCloseable {

    static final String EXPERIMENT = "faults";
    static final List<String> ARMS = List.of("a", "b", "c", "d");
    static final long SEED = 4711;
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final RedisServer redis;
    final Database database = Servers.freshDatabase();
    final ServiceProcess service;
    final ServiceProcessClient client;
    final OnRecord onRecord;

    private final boolean keepsNothing;

    private Scene(ServiceProcessExtension services, Fsync fsync, boolean keepsNothing, Map<String, Object> definition, String... options) {
        this.keepsNothing = keepsNothing;
        redis = Servers.newRedis(fsync).start();
        onRecord = new OnRecord(database, redis.url(), EXPERIMENT, ARMS);
        keepNothing();
        service = services.service(redis.url(), database, options).start();
        client = service.client();
        var all = new HashMap<>(definition);
        all.put("variants", ARMS.stream().map(arm -> Map.of("name", arm)).toList());
        assertThat(client.put("/experiments/" + EXPERIMENT, all).status()).isEqualTo(201);
    }

    /** With a Redis that forces every write to disk. */
    static Scene start(ServiceProcessExtension services, Map<String, Object> definition, String... options) {
        return new Scene(services, Fsync.ALWAYS, false, definition, options);
    }

    static Scene start(ServiceProcessExtension services, Fsync fsync) {
        return new Scene(services, fsync, false, Map.of());
    }

    /** With a Redis that writes nothing to disk. */
    static Scene startForgetful(ServiceProcessExtension services, Map<String, Object> definition, String... options) {
        return new Scene(services, Fsync.NO, true, definition, options);
    }

    /** Redis dies and comes back, with what it has on disk. */
    void restartRedis() {
        redis.kill();
        redis.start();
        keepNothing();
    }

    /** Redis shuts down, loses everything, and comes back. */
    void wipeRedis() {
        redis.stop();
        Servers.wipe(redis);
        redis.start();
        keepNothing();
    }

    private void keepNothing() {
        if (keepsNothing) {
            onRecord.redis(connection -> connection.sync().configSet("appendonly", "no"));
        }
    }

    /** Some traffic, all of it in the ledger. */
    Traffic learned(String name) {
        var traffic = traffic(name);
        var random = new SplittableRandom(SEED);
        for (int i = 0; i < 40; i++) {
            traffic.step(name + "-" + i, random);
        }
        assertThat(traffic.violations).isEmpty();
        onRecord.awaitDelivered(client);
        return traffic;
    }

    Traffic traffic(String name) {
        return new Traffic(client, EXPERIMENT, ARMS, name);
    }

    void awaitRestored(Map<String, String> before) {
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(onRecord.parameters()).isEqualTo(before));
    }

    /** Asks for the posteriors until they are told. */
    void awaitAsked() {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> client.get("/experiments/" + EXPERIMENT + "/posterior").status() == 200);
    }

    static void awaitMore(Traffic traffic, int calls) {
        var enough = traffic.acknowledged() + calls;
        await().atMost(PATIENCE).until(() -> traffic.acknowledged() >= enough || !traffic.violations.isEmpty());
    }

    /** Until at least one more decision was answered without Redis. */
    static void awaitDegraded(Traffic traffic) {
        var known = degraded(traffic);
        await().atMost(PATIENCE).until(() -> degraded(traffic) > known);
    }

    private static long degraded(Traffic traffic) {
        return traffic.decisions.values().stream().filter(Traffic.Decision::degraded).count();
    }

    void rewardsAreStillKnown(Traffic traffic) {
        assertThat(traffic.rewards).isNotEmpty();
        assertThat(traffic.named).isNotEmpty();
        traffic.sendAllAgain();
        assertThat(traffic.violations).isEmpty();
    }

    /** Keeps relay, rebuild and audit of the experiment out until it is closed. */
    Held holdRelay() {
        return hold("select pg_advisory_lock(hashtextextended('bandit experiment " + EXPERIMENT + "', 0))");
    }

    /** Keeps everybody from writing to a table, and from reading it, until it is closed. */
    Held holdTable(String table) {
        return hold("lock table " + table + " in access exclusive mode");
    }

    /** Keeps everybody from writing to a table until it is closed. */
    Held holdWrites(String table) {
        return hold("lock table " + table + " in exclusive mode");
    }

    private Held hold(String sql) {
        try {
            var connection = onRecord.connect();
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement()) {
                statement.execute(sql);
            }
            return new Held(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A lock in Postgres, held by a session. */
    record Held(Connection connection) implements AutoCloseable {

        /** How many sessions wait for a lock in this database. */
        int waiting() {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery(
                            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'")) {
                rows.next();
                return rows.getInt(1);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        redis.close();
    }
}
