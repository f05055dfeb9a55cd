package dev.bandit.pipeline.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.tracking.MlflowProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Runs on a real MLflow server. */
class TrackingIT {

    private static final int POINTS = 2_500;
    private static final Map<String, String> PARAMETERS = Map.of("alpha", "0.05", "policy", "thompson");

    @TempDir
    private static Path folder;

    private static MlflowProcess mlflow;

    @BeforeAll
    static void start() {
        mlflow = MlflowProcess.start(folder);
    }

    @AfterAll
    static void stop() {
        mlflow.close();
    }

    @Test
    void a_retry_goes_on_with_the_run_and_doubles_no_point() {
        String key = RunKey.of("simulate", PARAMETERS, "retry");
        String first;
        try (Tracking tracking = open("retry");
                Run run = tracking.run("simulate", key, PARAMETERS, Map.of("decision", "pending"))) {
            regret(run, POINTS / 2 + 7);
            regret(run, POINTS / 2 + 7);
            first = run.id();
            // Not finished: this is what a crash leaves.
        }
        try (Tracking tracking = open("retry")) {
            assertThat(tracking.runs())
                    .singleElement()
                    .satisfies(run -> assertThat(run.status()).isEqualTo("FAILED"));
        }
        for (int attempt = 0; attempt < 2; attempt++) {
            try (Tracking tracking = open("retry");
                    Run run = tracking.run("simulate", key, PARAMETERS, Map.of("decision", "ship"))) {
                assertThat(run.id()).isEqualTo(first);
                regret(run, POINTS);
                run.finish();
            }
        }
        assertThat(history(first, "cumulative_regret")).hasSize(POINTS).doesNotHaveDuplicates();
        try (Tracking tracking = open("retry")) {
            assertThat(tracking.runs()).singleElement().satisfies(run -> {
                assertThat(run.status()).isEqualTo("FINISHED");
                assertThat(run.name()).isEqualTo("simulate");
                assertThat(run.parameters()).isEqualTo(PARAMETERS);
                assertThat(run.tags()).containsEntry("decision", "ship").containsEntry(Tracking.KEY, key);
                assertThat(run.metrics()).containsEntry("cumulative_regret", (POINTS - 1) / 8.0);
            });
        }
    }

    @Test
    void another_key_is_another_run() {
        try (Tracking tracking = open("keys")) {
            for (String data : List.of("a", "b", "a")) {
                try (Run run = tracking.run("ope", RunKey.of("ope", PARAMETERS, data), PARAMETERS, Map.of())) {
                    run.finish();
                }
            }
            assertThat(tracking.runs()).hasSize(2);
        }
    }

    @Test
    void points_whose_acknowledgement_was_lost_are_there_once() throws IOException {
        String id;
        try (var proxy = new LossyProxy(mlflow.uri(), "/runs/log-batch", 4);
                Tracking tracking = open(proxy.uri(), "lost-points", Map.of());
                Run run =
                        tracking.run("simulate", RunKey.of("simulate", Map.of(), "lost"), Map.of(), Map.of("a", "b"))) {
            regret(run, POINTS);
            run.finish();
            id = run.id();
            assertThat(proxy.lossesLeft()).isZero();
        }
        assertThat(history(id, "cumulative_regret")).hasSize(POINTS).doesNotHaveDuplicates();
    }

    @Test
    void a_run_whose_acknowledgement_was_lost_is_there_once() throws IOException {
        try (var proxy = new LossyProxy(mlflow.uri(), "/runs/create", 1);
                Tracking tracking = open(proxy.uri(), "lost-run", Map.of());
                Run run = tracking.run("ope", RunKey.of("ope", Map.of(), "lost"), PARAMETERS, Map.of())) {
            run.finish();
            assertThat(proxy.lossesLeft()).isZero();
            assertThat(tracking.runs())
                    .singleElement()
                    .satisfies(one -> assertThat(one.runId()).isEqualTo(run.id()));
        }
    }

    @Test
    void another_value_of_a_parameter_is_told() {
        String key = RunKey.of("ope", Map.of(), "parameters");
        try (Tracking tracking = open("parameters")) {
            try (Run run = tracking.run("ope", key, Map.of("alpha", "0.05"), Map.of())) {
                run.finish();
            }
            assertThatThrownBy(() -> tracking.run("ope", key, Map.of("alpha", "0.1"), Map.of()))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageContaining("has alpha = 0.05, and parameters of a run cannot become another (0.1)");
        }
    }

    @Test
    void what_mlflow_would_not_take_is_made_to_fit() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 250; i++) {
            many.put("p" + i, "v" + i);
        }
        many.put("50 % off?", "x".repeat(7_000));
        many.put("n".repeat(300), "y");
        many.put("größe", "z");
        Map<String, String> tags = new HashMap<>(many);
        tags.put("long", "t".repeat(9_000));
        try (Tracking tracking = open("limits");
                Run run = tracking.run("ope", RunKey.of("ope", many, "limits"), many, tags)) {
            run.metric("rate/50 % off?", 0.25);
            run.metric("rate/", 0.5);
            run.metric("../rate", 0.75);
            run.metric("unknown", Double.NaN);
            run.metric("unknown", Double.POSITIVE_INFINITY);
            run.metric("huge", 1e308);
            run.finish();
            RecordedRun recorded = tracking.runs().getFirst();
            assertThat(recorded.parameters())
                    .hasSize(many.size())
                    .containsEntry("p249", "v249")
                    .containsEntry("größe", "z");
            assertThat(recorded.metrics())
                    .hasSize(4)
                    .containsEntry("huge", 1e308)
                    .doesNotContainKey("unknown");
            assertThat(recorded.metrics().values()).contains(0.25, 0.5, 0.75);
        }
    }

    @Test
    void files_are_kept_with_the_run_and_replaced_by_a_retry() throws Exception {
        Path picture = Files.write(folder.resolve("regret of men.png"), new byte[] {1, 2, 3});
        String key = RunKey.of("simulate", Map.of(), "artifact");
        String id = "";
        for (byte last = 3; last < 5; last++) {
            Files.write(picture, new byte[] {1, 2, last});
            try (Tracking tracking = open("artifacts");
                    Run run = tracking.run("simulate", key, Map.of(), Map.of())) {
                run.artifact(picture);
                run.finish();
                id = run.id();
            }
        }
        try (HttpClient http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(
                            URI.create(mlflow.uri() + "/get-artifact?run_uuid=" + id + "&path=regret%20of%20men.png"))
                    .build();
            assertThat(http.send(request, BodyHandlers.ofByteArray()).body()).containsExactly(1, 2, 4);
        }
        assertThatThrownBy(() -> {
                    try (Tracking tracking = open("artifacts");
                            Run run = tracking.run("simulate", key, Map.of(), Map.of())) {
                        run.artifact(folder.resolve("none.png"));
                    }
                })
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("none.png cannot be read");
    }

    @Test
    void files_go_to_a_folder_where_the_server_says_so() throws IOException {
        Path kept = folder.resolve("kept here");
        try (var server = new MlflowServer(mlflow.uri(), Map.of(), Duration.ofMillis(10))) {
            server.post(
                    "experiments/create",
                    Map.of("name", "folder", "artifact_location", kept.toUri().toString()));
        }
        Path picture = Files.write(folder.resolve("a.png"), new byte[] {7});
        try (Tracking tracking = open("folder");
                Run run = tracking.run("simulate", RunKey.of("simulate", Map.of(), "x"), Map.of(), Map.of())) {
            run.artifact(picture);
            run.finish();
            assertThat(kept.resolve(run.id()).resolve("artifacts/a.png")).hasBinaryContent(new byte[] {7});
        }
    }

    @Test
    void a_deleted_experiment_is_told() {
        try (var server = new MlflowServer(mlflow.uri(), Map.of(), Duration.ofMillis(10))) {
            String id = server.post("experiments/create", Map.of("name", "gone"))
                    .required("experiment_id")
                    .asString();
            server.post("experiments/delete", Map.of("experiment_id", id));
        }
        try (Tracking tracking = open("gone")) {
            assertThatThrownBy(() -> tracking.run("ope", "k", Map.of(), Map.of()))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessage("MLflow's experiment \"gone\" is deleted; restore it, or name another.");
        }
    }

    @Test
    void credentials_are_sent_and_not_shown() throws IOException {
        Map<String, String> login = Map.of(
                "MLFLOW_TRACKING_USERNAME", "me", "MLFLOW_TRACKING_PASSWORD", "hunter2", "MLFLOW_TRACKING_TOKEN", "t");
        try (var proxy = new LossyProxy(mlflow.uri(), "/none", 0)) {
            try (Tracking tracking = open(proxy.uri(), "login", login)) {
                assertThatThrownBy(tracking::runs).hasMessage("MLflow has no experiment \"login\".");
            }
            try (Tracking tracking = open(proxy.uri(), "login", Map.of("MLFLOW_TRACKING_TOKEN", "secret"))) {
                assertThatThrownBy(tracking::runs).hasMessage("MLflow has no experiment \"login\".");
            }
            assertThat(proxy.authorizations).containsExactly("Basic bWU6aHVudGVyMg==", "Bearer secret");
        }
    }

    @Test
    void a_server_that_is_away_is_told_after_some_attempts() {
        URI nobody = URI.create("http://127.0.0.1:1");
        try (Tracking tracking = open(nobody, "x", Map.of("MLFLOW_TRACKING_TOKEN", "secret"))) {
            assertThatThrownBy(tracking::runs)
                    .isInstanceOf(CommandFailed.class)
                    .hasMessage("No MLflow server answers at http://127.0.0.1:1 (experiments/get-by-name).");
        }
    }

    private static void regret(Run run, int steps) {
        for (int step = 0; step < steps; step++) {
            run.metric("cumulative_regret", step, step / 8.0);
        }
    }

    private static List<JsonNode> history(String run, String metric) {
        try (var server = new MlflowServer(mlflow.uri(), Map.of(), Duration.ofMillis(10))) {
            return server.get(
                            "metrics/get-history", Map.of("run_id", run, "metric_key", metric, "max_results", "25000"))
                    .path("metrics")
                    .valueStream()
                    .toList();
        }
    }

    private static Tracking open(String experiment) {
        return open(mlflow.uri(), experiment, Map.of());
    }

    private static Tracking open(URI server, String experiment, Map<String, String> environment) {
        return Tracking.open(server, experiment, environment, Duration.ofMillis(10));
    }
}
