package dev.bandit.service.testing;

import dev.bandit.service.embedded.Binaries;
import dev.bandit.service.embedded.KafkaServer;
import dev.bandit.service.embedded.PostgresServer;
import dev.bandit.service.embedded.RedisServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.util.FileSystemUtils;

/**
 * Real servers for tests.
 *
 * <p>{@link #redis()} and {@link #postgres()} are started on first use and shared by the whole JVM: never stop them, and keep
 * apart by {@link #freshRedis()} (a logical database of its own) and {@link #freshDatabase()} (a PostgreSQL database of its
 * own). In a Spring test one line does both:
 *
 * <pre>{@code
 * @DynamicPropertySource
 * static void servers(DynamicPropertyRegistry registry) {
 *     Servers.register(registry);
 * }
 * }</pre>
 *
 * <p>A test that stops, kills or wipes a server takes one of its own from {@link #newRedis} or {@link #newPostgres}, not yet
 * started, and closes it. Such a server keeps its port and its data over {@code stop()} or {@code kill()} and {@code start()};
 * while it is down, its files may be copied, deleted ({@link #wipe}) or put back ({@link #copy}).
 *
 * <p>Whatever a test forgets ends with the JVM: every server is on a leash.
 */
public final class Servers {

    /** Where a PostgreSQL database is and how to log in. */
    public record Database(String jdbcUrl, String username, String password) {}

    private static final Path FOLDER = folder();
    private static final Binaries BINARIES = new Binaries(jars(), jars().resolve("unpacked"));
    /** How to stop every server that was handed out. */
    private static final Queue<Runnable> TAKEN = new ConcurrentLinkedQueue<>();

    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final AtomicInteger REDIS_DATABASES = new AtomicInteger();

    private Servers() {}

    /** The shared Redis. */
    public static RedisServer redis() {
        return SharedRedis.SERVER;
    }

    /** The shared PostgreSQL, without fsync. */
    public static PostgresServer postgres() {
        return SharedPostgres.SERVER;
    }

    /** The shared Kafka; keep apart by topics and groups of your own. */
    public static KafkaServer kafka() {
        return SharedKafka.SERVER;
    }

    /** The shared DynamoDB Local; keep apart by tables of your own. */
    public static DynamoDbLocal dynamoDb() {
        return SharedDynamoDb.SERVER;
    }

    /** The URL of an empty logical database in the shared Redis; {@code FLUSHALL} would empty everybody's. */
    public static String freshRedis() {
        return redis().url() + "/" + REDIS_DATABASES.incrementAndGet();
    }

    /** A new, empty database in the shared PostgreSQL. */
    public static Database freshDatabase() {
        return freshDatabase(postgres());
    }

    /** A new, empty database in a PostgreSQL of the test's own. */
    public static Database freshDatabase(PostgresServer server) {
        var name = "test_" + COUNTER.incrementAndGet();
        try (var connection =
                        DriverManager.getConnection(server.jdbcUrl(), PostgresServer.USERNAME, server.password());
                var statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return database(server, name);
    }

    /** The database {@code bandit} of a server, which has to have been started. */
    public static Database database(PostgresServer server) {
        return database(server, PostgresServer.DATABASE);
    }

    /** Leads a Spring context to a fresh logical Redis database and a fresh PostgreSQL database. */
    public static void register(DynamicPropertyRegistry registry) {
        register(registry, freshRedis(), freshDatabase());
    }

    /** Leads a Spring context to these servers. */
    public static void register(DynamicPropertyRegistry registry, String redisUrl, Database database) {
        registry.add("spring.data.redis.url", () -> redisUrl);
        registry.add("spring.datasource.url", database::jdbcUrl);
        registry.add("spring.datasource.username", database::username);
        registry.add("spring.datasource.password", database::password);
    }

    /** A Redis of the test's own, not started. */
    public static RedisServer newRedis(Fsync fsync) {
        var server = new RedisServer(BINARIES.redisServer(), newFolder("redis"), fsync);
        TAKEN.add(server::stop);
        return server;
    }

    /** A Kafka of the test's own, not started. */
    public static KafkaServer newKafka() {
        var server = new KafkaServer(BINARIES.kafkaJars(), newFolder("kafka"), 0, "256m");
        TAKEN.add(server::stop);
        return server;
    }

    /** A DynamoDB Local of the test's own, not started. */
    public static DynamoDbLocal newDynamoDb() {
        var server = new DynamoDbLocal(newFolder("dynamodb"));
        TAKEN.add(server::kill);
        return server;
    }

    /** A PostgreSQL of the test's own, with fsync, not started. */
    public static PostgresServer newPostgres() {
        return newPostgres("max_connections=60");
    }

    private static PostgresServer newPostgres(String... settings) {
        var server = new PostgresServer(BINARIES.postgresHome(), newFolder("postgres"), List.of(settings));
        TAKEN.add(server::stop);
        return server;
    }

    /** Deletes everything that a stopped Redis has saved. */
    public static void wipe(RedisServer stopped) {
        requireDown(stopped);
        for (var file : dataFiles(stopped.folder())) {
            FileSystemUtils.deleteRecursively(file.toFile());
        }
    }

    /** Copies what a stopped Redis has saved to a new folder, for {@link #restore}. */
    public static Path copy(RedisServer stopped) {
        requireDown(stopped);
        var copy = newFolder("copy");
        try {
            Files.createDirectories(copy);
            for (var file : dataFiles(stopped.folder())) {
                FileSystemUtils.copyRecursively(file, copy.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    /** Replaces what a stopped Redis has saved by an earlier {@link #copy}. */
    public static void restore(RedisServer stopped, Path copy) {
        wipe(stopped);
        try {
            for (var file : dataFiles(copy)) {
                FileSystemUtils.copyRecursively(file, stopped.folder().resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireDown(RedisServer server) {
        if (server.isRunning()) {
            throw new IllegalStateException("Stop or kill the server first");
        }
    }

    /** The append-only file or folder and the snapshot, whatever the version calls them. */
    private static List<Path> dataFiles(Path folder) {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches("appendonly.*|.*\\.rdb"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Database database(PostgresServer server, String name) {
        return new Database(server.jdbcUrl(name), PostgresServer.USERNAME, server.password());
    }

    private static Path newFolder(String name) {
        return FOLDER.resolve(name + "-" + COUNTER.incrementAndGet());
    }

    private static Path jars() {
        return Path.of(System.getProperty("bandit.embedded.binaries", "target/embedded"))
                .toAbsolutePath();
    }

    private static Path folder() {
        try {
            var folder = Files.createTempDirectory("bandit-test-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> tidy(folder)));
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void tidy(Path folder) {
        TAKEN.parallelStream().forEach(Runnable::run);
        try {
            FileSystemUtils.deleteRecursively(folder);
        } catch (IOException e) {
            System.err.println("Left behind: " + folder);
        }
    }

    private static final class SharedRedis {
        static final RedisServer SERVER = newRedis(Fsync.NO).start();
    }

    private static final class SharedPostgres {
        static final PostgresServer SERVER = newPostgres("max_connections=300", "fsync=off", "full_page_writes=off")
                .start();
    }

    private static final class SharedKafka {
        static final KafkaServer SERVER = newKafka().start();
    }

    private static final class SharedDynamoDb {
        static final DynamoDbLocal SERVER = newDynamoDb().start();
    }
}
