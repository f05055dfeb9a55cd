package dev.bandit.service.embedded;

import dev.bandit.service.startup.StartupProblem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The servers of one service, over the data folder that they share. */
final class EmbeddedServers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedServers.class);

    private final DataFolder folder;
    private final @Nullable RedisServer redis;
    private final @Nullable PostgresServer postgres;
    private final @Nullable KafkaServer kafka;

    private EmbeddedServers(
            DataFolder folder,
            @Nullable RedisServer redis,
            @Nullable PostgresServer postgres,
            @Nullable KafkaServer kafka) {
        this.folder = folder;
        this.redis = redis;
        this.postgres = postgres;
        this.kafka = kafka;
    }

    /**
     * Starts what is wanted, all at the same time.
     *
     * @throws StartupProblem when one cannot be started; nothing runs then
     */
    static EmbeddedServers start(
            DataFolder folder,
            Binaries binaries,
            EmbeddedProperties properties,
            boolean wantRedis,
            boolean wantPostgres) {
        var redis = wantRedis
                ? new RedisServer(
                        binaries.redisServer(),
                        folder.path().resolve("redis"),
                        properties.redis().appendfsync())
                : null;
        var postgres = wantPostgres
                ? new PostgresServer(
                        binaries.postgresHome(),
                        folder.path().resolve("postgres"),
                        List.of("max_connections=" + properties.postgres().maxConnections()))
                : null;
        var kafka = properties.kafka().enabled()
                ? new KafkaServer(
                        binaries.kafkaJars(),
                        folder.path().resolve("kafka"),
                        properties.kafka().port(),
                        properties.kafka().maxHeap())
                : null;
        var servers = new EmbeddedServers(folder, redis, postgres, kafka);
        var starts = new ArrayList<Runnable>();
        if (redis != null) {
            starts.add(redis::start);
        }
        if (postgres != null) {
            starts.add(postgres::start);
        }
        if (kafka != null) {
            starts.add(kafka::start);
        }
        try {
            together(starts);
        } catch (RuntimeException e) {
            servers.stop();
            throw e;
        }
        return servers;
    }

    /** The properties that lead the service to these servers. */
    Map<String, Object> springProperties() {
        var properties = new LinkedHashMap<String, Object>();
        if (redis != null) {
            properties.put("spring.data.redis.url", redis.url());
        }
        if (postgres != null) {
            properties.put("spring.datasource.url", postgres.jdbcUrl());
            properties.put("spring.datasource.username", PostgresServer.USERNAME);
            properties.put("spring.datasource.password", postgres.password());
            // A ledger of our own that is empty belongs to somebody who wants to try.
            properties.put("bandit.sample-experiment", true);
        }
        if (kafka != null) {
            properties.put("spring.kafka.bootstrap-servers", kafka.bootstrapServers());
        }
        return properties;
    }

    @Override
    public void close() {
        stop();
        folder.close();
        log.debug("The embedded servers have shut down");
    }

    private void stop() {
        var stops = new ArrayList<Runnable>();
        if (redis != null) {
            stops.add(redis::stop);
        }
        if (postgres != null) {
            stops.add(postgres::stop);
        }
        if (kafka != null) {
            stops.add(kafka::stop);
        }
        together(stops);
    }

    private static void together(List<Runnable> tasks) {
        var running = tasks.stream()
                .map(task -> CompletableFuture.runAsync(task, Thread.ofVirtual()::start))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(running).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StartupProblem problem) {
                throw problem;
            }
            throw e;
        }
    }
}
