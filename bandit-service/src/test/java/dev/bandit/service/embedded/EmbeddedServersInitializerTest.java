package dev.bandit.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.startup.StartupProblem;
import io.lettuce.core.RedisClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

class EmbeddedServersInitializerTest {

    @TempDir
    Path folder;

    @Test
    void both_are_started_and_the_context_is_led_to_them() throws Exception {
        try (var context = initialized(Map.of())) {
            var environment = context.getEnvironment();
            try (var client = RedisClient.create(environment.getRequiredProperty("spring.data.redis.url"));
                    var redis = client.connect()) {
                assertThat(redis.sync().ping()).isEqualTo("PONG");
            }
            try (var connection = DriverManager.getConnection(
                    environment.getRequiredProperty("spring.datasource.url"),
                    environment.getRequiredProperty("spring.datasource.username"),
                    environment.getRequiredProperty("spring.datasource.password"))) {
                assertThat(connection.isValid(1)).isTrue();
            }
        }
    }

    @Test
    void they_outlive_every_bean() {
        var redisWasUp = new ArrayList<Boolean>();
        var context = initialized(Map.of("spring.datasource.url", "jdbc:postgresql://db/bandit"));
        var url = context.getEnvironment().getRequiredProperty("spring.data.redis.url");
        context.registerBean(DisposableBean.class, () -> () -> redisWasUp.add(answers(url)));
        context.refresh();

        context.close();

        assertThat(redisWasUp).containsExactly(true);
        assertThat(answers(url)).isFalse();
    }

    @Test
    void nothing_is_started_or_needed_when_both_are_configured() {
        for (var redis : List.of("url", "host", "sentinel.master", "cluster.nodes[0]")) {
            try (var context = initialized(Map.of(
                    "spring.data.redis." + redis,
                    "elsewhere",
                    "spring.datasource.url",
                    "jdbc:postgresql://db/bandit",
                    "bandit.embedded.binaries",
                    "/nonexistent"))) {
                assertThat(context.getEnvironment().getPropertySources().contains("embeddedServers"))
                        .isFalse();
            }
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void only_the_missing_one_is_started() {
        try (var context = initialized(Map.of("spring.datasource.url", "jdbc:postgresql://db/bandit"))) {
            assertThat(context.getEnvironment().getProperty("spring.data.redis.url"))
                    .startsWith("redis://:");
            assertThat(context.getEnvironment().getProperty("spring.datasource.url"))
                    .isEqualTo("jdbc:postgresql://db/bandit");
        }
        assertThat(folder.resolve("data/postgres")).doesNotExist();
    }

    @Test
    void without_binaries_the_refusal_names_what_is_missing() {
        assertThatThrownBy(() -> initialized(Map.of("bandit.embedded.binaries", "/nonexistent")))
                .isInstanceOf(StartupProblem.class)
                .hasMessageContainingAll("spring.data.redis.url", "spring.datasource.url");
        assertThatThrownBy(() -> initialized(Map.of(
                        "bandit.embedded.binaries", "/nonexistent", "spring.data.redis.url", "redis://elsewhere")))
                .isInstanceOf(StartupProblem.class)
                .hasMessageNotContaining("spring.data.redis.url")
                .hasMessageContaining("spring.datasource.url");
    }

    @Test
    void a_data_folder_that_cannot_be_written_is_told() throws Exception {
        var file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> initialized(
                        Map.of("bandit.data-dir", file.resolve("data").toString())))
                .isInstanceOf(StartupProblem.class)
                .hasMessageContaining("cannot be written; choose another with --data-dir");
    }

    @Test
    void a_data_folder_in_use_is_refused() {
        try (var first = initialized(Map.of("spring.datasource.url", "jdbc:postgresql://db/bandit"))) {
            assertThat(first.getEnvironment().getProperty("spring.data.redis.url"))
                    .isNotNull();
            assertThatThrownBy(() -> initialized(Map.of()))
                    .isInstanceOf(StartupProblem.class)
                    .hasMessageContaining("uses the data folder");
        }
    }

    @Test
    void a_failed_start_frees_the_data_folder() throws Exception {
        var redis = Files.createDirectories(folder.resolve("data/redis/redis.conf.new/occupied"));
        assertThatThrownBy(() -> initialized(Map.of())).isInstanceOf(RuntimeException.class);

        Files.delete(redis);
        initialized(Map.of()).close();
    }

    @Test
    void the_data_folder_is_for_its_owner_only() throws Exception {
        initialized(Map.of("spring.datasource.url", "jdbc:postgresql://db/bandit"))
                .close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data"))))
                .isEqualTo("rwx------");
    }

    @Test
    void fsync_can_be_set() throws Exception {
        initialized(Map.of(
                        "spring.datasource.url", "jdbc:postgresql://db/bandit",
                        "bandit.embedded.redis.appendfsync", "always"))
                .close();

        assertThat(folder.resolve("data/redis/redis.conf")).content().contains("appendfsync always");
    }

    private GenericApplicationContext initialized(Map<String, Object> properties) {
        var all = new LinkedHashMap<String, Object>();
        all.put("bandit.data-dir", folder.resolve("data").toString());
        all.putAll(properties);
        var context = new GenericApplicationContext();
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", all));
        new EmbeddedServersInitializer().initialize(context);
        return context;
    }

    private static boolean answers(String url) {
        try (var client = RedisClient.create(url);
                var redis = client.connect()) {
            return redis.sync().ping().equals("PONG");
        } catch (RuntimeException e) {
            return false;
        }
    }
}
