package dev.bandit.service.faults;

import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.RedisServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessClient;
import dev.bandit.service.testing.ServiceProcessExtension;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A service, a Redis and a Postgres database of its own, all of which may be harmed and are repaired before the next test. */
final class Scene implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final long SEED = 4711;

    final RedisServer redis;
    final Database database = Servers.freshDatabase();
    final ServiceProcess service;
    final ServiceProcessClient client;

    private final AtomicInteger experiments = new AtomicInteger();
    private boolean forgetful;

    Scene(ServiceProcessExtension services, String... options) {
        redis = Servers.newRedis(Fsync.ALWAYS).start();
        service = services.service(redis.url(), database, options).start();
        client = service.client();
    }

    /** Everything runs again, and Redis keeps what it is told. */
    Scene repair() {
        if (redis.isRunning()) {
            ServiceProcess.signal(redis.pid(), "CONT");
        } else {
            redis.start();
        }
        if (forgetful) {
            forgetful = false;
            redis(connection -> connection.configSet("appendonly", "yes"));
            await().atMost(PATIENCE)
                    .until(() ->
                            redis(connection -> connection.info("persistence")).contains("aof_rewrite_in_progress:0"));
        }
        setFsync(Fsync.ALWAYS);
        if (!service.isAlive()) {
            service.start();
        }
        return this;
    }

    /** From now on Redis keeps nothing, as one without persistence. */
    void forget() {
        forgetful = true;
        redis(connection -> connection.configSet("appendonly", "no"));
    }

    void setFsync(Fsync fsync) {
        redis(connection -> connection.configSet("appendfsync", fsync.name().toLowerCase(java.util.Locale.ROOT)));
    }

    /** A new experiment of four arms. */
    Trial trial(Map<String, Object> settings) {
        return new Trial(this, "trial-" + experiments.incrementAndGet(), settings);
    }

    Trial trial() {
        return trial(Map.of());
    }

    /** Redis shuts down, loses everything, and comes back. */
    void wipeRedis() {
        redis.stop();
        Servers.wipe(redis);
        startRedis();
    }

    /** Redis dies and comes back, with what it has on disk. */
    void restartRedis() {
        redis.kill();
        if (forgetful) {
            Servers.wipe(redis);
        }
        startRedis();
    }

    void startRedis() {
        redis.start();
        if (forgetful) {
            forget();
        }
    }

    /** Asks Redis by a connection of its own. */
    <T> T redis(Function<RedisCommands<String, String>, T> question) {
        var connections = RedisClient.create(redis.url());
        try (var connection = connections.connect()) {
            return question.apply(connection.sync());
        } finally {
            connections.shutdown();
        }
    }

    Connection postgres() {
        try {
            return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Holds a lock in Postgres until it is closed. */
    Held hold(String sql) {
        return new Held(postgres(), sql);
    }

    /** A lock in Postgres, held by a session. */
    static final class Held implements AutoCloseable {
        private final Connection connection;

        private Held(Connection connection, String sql) {
            this.connection = connection;
            try (var statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute(sql);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Whether a session waits for a lock in this database. */
        boolean isWaitedFor() {
            try (var statement = connection.createStatement();
                    var rows = statement.executeQuery("""
                            select count(*) from pg_stat_activity
                             where datname = current_database() and wait_event_type = 'Lock'
                            """)) {
                rows.next();
                return rows.getInt(1) > 0;
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

    static Map<String, Object> definition(List<String> arms, Map<String, Object> settings) {
        var definition = new HashMap<>(settings);
        definition.put("variants", arms.stream().map(arm -> Map.of("name", arm)).toList());
        return definition;
    }

    /** Until so many more calls are answered. */
    static void awaitMore(Traffic traffic, int calls) {
        var enough = traffic.acknowledged() + calls;
        await().atMost(PATIENCE).until(() -> traffic.acknowledged() >= enough || !traffic.violations.isEmpty());
    }
}
