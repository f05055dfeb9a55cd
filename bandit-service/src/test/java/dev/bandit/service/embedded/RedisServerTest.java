package dev.bandit.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.startup.StartupProblem;
import dev.bandit.service.testing.Servers;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisServerTest {

    private final RedisServer server = Servers.newRedis(Fsync.ALWAYS);

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void data_and_port_survive_a_clean_stop() {
        server.start();
        var url = server.url();
        ask(url, redis -> redis.set("colour", "green"));

        server.stop();
        server.start();

        assertThat(server.url()).isEqualTo(url);
        assertThat(ask(url, redis -> redis.get("colour"))).isEqualTo("green");
    }

    @Test
    void what_was_acknowledged_with_fsync_always_survives_a_kill() {
        server.start();
        ask(server.url(), redis -> redis.set("colour", "green"));

        server.kill();
        assertThat(server.isRunning()).isFalse();
        server.start();

        assertThat(ask(server.url(), redis -> redis.get("colour"))).isEqualTo("green");
    }

    @Test
    void files_of_a_stopped_server_can_be_wiped_and_put_back() {
        server.start();
        ask(server.url(), redis -> redis.set("colour", "green"));
        server.stop();
        var earlier = Servers.copy(server);

        Servers.wipe(server);
        server.start();
        assertThat(ask(server.url(), redis -> redis.get("colour"))).isNull();

        server.stop();
        Servers.restore(server, earlier);
        server.start();
        assertThat(ask(server.url(), redis -> redis.get("colour"))).isEqualTo("green");
    }

    @Test
    void logical_databases_keep_tests_apart() {
        var one = Servers.freshRedis();
        var other = Servers.freshRedis();
        ask(one, redis -> redis.set("colour", "green"));

        assertThat(ask(other, redis -> redis.get("colour"))).isNull();
    }

    @Test
    void the_password_is_for_the_owner_only_and_is_needed() throws Exception {
        server.start();

        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(server.folder().resolve("password"))))
                .isEqualTo("rw-------");
        assertThatThrownBy(() -> ask("redis://127.0.0.1:" + server.port(), RedisCommands::ping))
                .hasStackTraceContaining("NOAUTH");
    }

    @Test
    void another_port_is_taken_when_the_last_one_is_no_longer_free() throws Exception {
        server.start();
        server.stop();
        Files.writeString(
                server.folder().resolve("port"),
                Integer.toString(Servers.redis().port()));

        server.start();

        assertThat(server.port()).isNotEqualTo(Servers.redis().port());
        assertThat(ask(server.url(), RedisCommands::ping)).isEqualTo("PONG");
    }

    @Test
    void a_program_that_cannot_run_is_told_with_its_own_words(@TempDir Path folder) {
        var broken = new RedisServer(Path.of("/nonexistent/redis-server"), folder, Fsync.NO);

        assertThatThrownBy(broken::start)
                .isInstanceOf(StartupProblem.class)
                .hasMessageContaining("redis-server did not start")
                .hasMessageContaining("not found");
    }

    private static @Nullable String ask(
            String url, Function<RedisCommands<String, String>, @Nullable String> question) {
        try (var client = RedisClient.create(url);
                var connection = client.connect()) {
            return question.apply(connection.sync());
        }
    }
}
