package dev.bandit.bench;

import dev.bandit.service.embedded.PostgresServer;
import dev.bandit.service.embedded.RedisServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The service over a Redis and a PostgreSQL of its own, with fsync as in production. */
final class Stack implements AutoCloseable {

    private final RedisServer redis;
    private final PostgresServer postgres;
    private final RedisClient client;
    private final RedisCommands<String, String> commands;
    private final JavaServer service;

    Stack(Path folder, Fsync fsync, String... options) {
        redis = Servers.newRedis(fsync).start();
        postgres = Servers.newPostgres().start();
        Database database = Servers.database(postgres);
        client = RedisClient.create(redis.url());
        commands = client.connect().sync();
        List<String> arguments = new ArrayList<>(List.of(
                "serve",
                "--port={port}",
                "--data-dir=" + folder.resolve("data"),
                "--spring.data.redis.url=" + redis.url(),
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.username(),
                "--spring.datasource.password=" + database.password()));
        arguments.addAll(List.of(options));
        service = new JavaServer("service", folder, List.of(), "dev.bandit.service.BanditApplication", arguments);
    }

    JavaServer service() {
        return service;
    }

    RedisServer redis() {
        return redis;
    }

    PostgresServer postgres() {
        return postgres;
    }

    RedisCommands<String, String> commands() {
        return commands;
    }

    /** Makes an experiment with arms named arm-0, arm-1 and so on. */
    void experiment(String id, int arms, String fields) {
        String variants = IntStream.range(0, arms)
                .mapToObj(arm -> "{\"name\":\"arm-" + arm + "\"}")
                .collect(Collectors.joining(","));
        service.send("PUT", "/experiments/" + id, "{" + fields + "\"variants\":[" + variants + "]}");
    }

    /** Rewards of the experiment that Redis has counted. */
    long rewards(String experiment) {
        return commands.hgetall("experiment:{" + experiment + "}:counts").entrySet().stream()
                .filter(counter -> counter.getKey().startsWith("n:"))
                .mapToLong(counter -> Long.parseLong(counter.getValue()))
                .sum();
    }

    /** Waits until the service has said that. */
    void awaitOutput(String text) throws InterruptedException {
        for (int tries = 0; !service.output().contains(text); tries++) {
            if (tries == 600) {
                throw new IllegalStateException("not said: " + text + "\n" + service.output());
            }
            Thread.sleep(100);
        }
    }

    /** Waits until the experiment's outbox has been moved to Postgres. */
    void awaitRelay(String experiment) {
        while (commands.xlen("experiment:{" + experiment + "}:outbox") > 0) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        service.close();
        client.shutdown();
        redis.stop();
        postgres.stop();
    }
}
