package dev.bandit.service.file;

import static dev.bandit.service.testing.ServiceProcessClient.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.PostgresServer;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessClient;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A service that runs a file, and the file changing under it. */
@Timeout(180)
class ExperimentsFileIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String TWO = """
            tests:
              - test_id: button
                variants: [{name: a}, {name: b}]
            """;

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    @TempDir
    private Path folder;

    private Path file;
    private ServiceProcess service;

    @BeforeEach
    void prepare() {
        file = folder.resolve("experiments.yaml");
        service = services.service(Servers.freshRedis(), Servers.freshDatabase(), "--config=" + file);
    }

    @Test
    void the_file_is_in_force_from_the_first_request_and_every_right_change_after_a_moment() throws IOException {
        Files.writeString(file, TWO);
        ServiceProcessClient http = service.start().client();

        // Before the first request: an experiment that the file names, and what it may not do.
        JsonNode button = http.get("/experiments/button").body();
        assertThat(button.get("managed_by").asString()).isEqualTo("experiments.yaml");
        var put =
                http.put("/experiments/button", object("variants", List.of(object("name", "x"), object("name", "y"))));
        assertThat(put.status()).isEqualTo(409);
        assertThat(put.text("detail")).contains("managed by experiments.yaml");
        assertThat(http.delete("/experiments/button").status()).isEqualTo(409);
        assertThat(http.post("/experiments/button/pause", null).status()).isEqualTo(200);
        assertThat(http.post("/experiments/button/resume", null).status()).isEqualTo(200);
        learn(http);
        JsonNode learned = arms(http);

        // Another arm, a third experiment: no restart, nothing forgotten.
        write("""
                tests:
                  - test_id: button
                    variants: [{name: a}, {name: b}, {name: c}]
                  - test_id: other
                    variants: [{name: a}, {name: b}]
                """);
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(arms(http)).hasSize(3));
        assertThat(arms(http).get(0).get("alpha")).isEqualTo(learned.get(0).get("alpha"));
        assertThat(arms(http).get(1).get("beta")).isEqualTo(learned.get(1).get("beta"));
        assertThat(arms(http).get(2).get("alpha").asDouble()).isEqualTo(1);
        await().atMost(PATIENCE).until(() -> http.get("/experiments/other").status() == 200);

        // A wrong change, and one that is right in itself but cannot follow what there is.
        write(TWO + "  - test_id: new\n");
        await().atMost(PATIENCE).until(() -> service.output().contains(":4:5: tests[1].variants: is missing"));
        write(TWO.replace("variants", "feedback: exposure\n    variants"));
        await().atMost(PATIENCE).until(() -> service.output().contains(":3:15: tests[0].feedback: "));
        assertThat(arms(http)).hasSize(3);
        assertThat(http.get("/experiments/new").status()).isEqualTo(404);
        assertThat(http.metric("bandit_config_failures_total")).isEqualTo(2);
        assertThat(http.metric("bandit_config_current")).isZero();

        // Out of the file: goes on, and is anyone's. Settings only warn.
        write("snapshot_interval: 5s\n" + TWO);
        await().atMost(PATIENCE)
                .until(() -> !http.get("/experiments/other").body().has("managed_by"));
        assertThat(http.metric("bandit_config_current")).isEqualTo(1);
        assertThat(http.get("/experiments/other").text("status")).isEqualTo("running");
        assertThat(http.delete("/experiments/other").status()).isEqualTo(200);
        await().atMost(PATIENCE).until(() -> service.output().contains("need a restart: bandit.snapshot.interval"));

        service.restart();
        assertThat(http.get("/experiments/button").body().get("managed_by").asString())
                .isEqualTo("experiments.yaml");
        assertThat(arms(http).get(0).get("alpha")).isEqualTo(learned.get(0).get("alpha"));
    }

    @Test
    void a_wrong_file_stops_the_start_with_its_mistakes_and_nothing_else() throws IOException {
        Files.writeString(file, TWO + "colour: red\noutput_sink: console\n");
        service.launch();
        await().atMost(PATIENCE).until(() -> !service.isAlive());

        assertThat(service.output().lines())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith(file + ":4:1: colour: is unknown, expected one of"),
                        line -> assertThat(line).startsWith(file + ":5:14: output_sink: is console, expected a list"));
    }

    @Test
    void a_change_waits_for_postgres_and_the_service_goes_on_meanwhile() throws IOException {
        try (PostgresServer postgres = Servers.newPostgres().start()) {
            Files.writeString(file, TWO);
            service = services.service(Servers.freshRedis(), Servers.database(postgres), "--config=" + file);
            ServiceProcessClient http = service.start().client();
            // What nobody has asked for yet is not in Redis, and would need Postgres.
            learn(http);
            postgres.stop();

            write(TWO + "  - test_id: late\n    variants: [{name: a}, {name: b}]\n");
            await().atMost(PATIENCE).until(() -> service.output().contains("has changed and waits for Postgres"));
            assertThat(http.metric("bandit_config_current")).isZero();
            assertThat(http.post("/select", object("experiment_id", "button")).status())
                    .isEqualTo(200);

            postgres.start();
            await().atMost(PATIENCE).until(() -> http.get("/experiments/late").status() == 200);
            await().atMost(PATIENCE).until(() -> http.metric("bandit_config_current") == 1);
            assertThat(http.metric("bandit_config_failures_total")).isZero();
            assertThat(service.output())
                    .doesNotContain("ERROR")
                    .containsOnlyOnce("has changed and waits for Postgres")
                    .containsOnlyOnce(" 2 tests, 1 changed");
            service.stop();
        }
    }

    @Test
    void the_command_line_wins_over_the_file_and_what_it_does_not_name_is_the_files() throws IOException {
        String topic = "t-" + UUID.randomUUID();
        Path csv = folder.resolve("csv");
        Files.writeString(file, """
                output_sink: [console]
                csv: {folder: '%s'}
                kafka: {brokers: '127.0.0.1:1', events_topic: %s, rewards_topic: %s-rewards}
                """.formatted(csv, topic, topic) + TWO);
        service = services.service(
                Servers.freshRedis(),
                Servers.freshDatabase(),
                "--config=" + file,
                "--spring.kafka.bootstrap-servers=" + Servers.kafka().bootstrapServers(),
                "--bandit.sinks=csv",
                "--bandit.kafka.group-id=" + topic,
                "--bandit.snapshot.interval=1s");
        service.start();

        await().atMost(PATIENCE).until(() -> service.output().contains("made the topic " + topic + "-dlt"));
        await().atMost(PATIENCE).until(() -> Files.isDirectory(csv) && !isEmpty(csv));
        assertThat(service.output()).doesNotContain("posteriors at ");
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.noneMatch(one -> one.toString().endsWith(".csv"));
        }
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text);
    }

    private static void learn(ServiceProcessClient http) {
        for (int i = 0; i < 40; i++) {
            var decision = http.post("/select", object("experiment_id", "button"));
            assertThat(decision.status()).as(decision.toString()).isEqualTo(200);
            http.post("/reward", object("decision_id", decision.text("decision_id"), "reward", i % 2));
        }
        await().atMost(PATIENCE).until(() -> {
            double known = 0;
            for (JsonNode arm : arms(http)) {
                known += arm.get("rewards").asDouble();
            }
            return known == 40;
        });
    }

    private static JsonNode arms(ServiceProcessClient http) {
        return http.get("/experiments/button/posterior").body().get("arms");
    }
}
