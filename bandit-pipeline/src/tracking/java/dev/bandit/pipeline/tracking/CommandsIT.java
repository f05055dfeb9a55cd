package dev.bandit.pipeline.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.pipeline.mlflow.RecordedRun;
import dev.bandit.pipeline.mlflow.Tracking;
import dev.bandit.pipeline.testing.Dataset;
import dev.bandit.pipeline.testing.RunningService;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands as they are started: against a real service, a real MLflow, and by a real Dagster. */
class CommandsIT {

    private static final Path LOCATION = Path.of("dagster");
    private static final Path MATERIALIZE = Path.of("src/tracking/python/materialize.py");
    private static final List<String> COMMAND =
            List.of(RunningService.java(), "-XX:TieredStopAtLevel=1", "-jar", "target/bandit-pipeline.jar");

    @TempDir
    private static Path folder;

    private static RunningService service;
    private static MlflowProcess mlflow;

    private record Ended(int status, String out, String err) {}

    @BeforeAll
    static void start() {
        service = RunningService.start(folder);
        mlflow = MlflowProcess.start(folder);
        service.put(
                "/experiments/color",
                Map.of(
                        "policy",
                        "fixed",
                        "prior",
                        Map.of("alpha", 2, "beta", 3),
                        "guardrails",
                        Map.of("min_lift", 0.9, "max_latency_regression", 0.1, "alpha", 0.04),
                        "stop",
                        Map.of(
                                "prob_best",
                                0.6,
                                "max_expected_loss",
                                0.5,
                                "min_decisions_per_arm",
                                5,
                                "min_runtime",
                                "0s"),
                        "variants",
                        List.of(Map.of("name", "blue", "control", true), Map.of("name", "red"))));
        for (int i = 0; i < 60; i++) {
            JsonNode decision = service.post("/select", Map.of("experiment_id", "color", "unit_id", "u" + i));
            boolean red = decision.get("arm_id").asString().equals("red");
            String id = decision.get("decision_id").asString();
            service.post("/observe", Map.of("decision_id", id, "latency_ms", red ? 150 : 100));
            service.post("/reward", Map.of("decision_id", id, "reward", red || i % 3 == 0 ? 1 : 0));
        }
    }

    @AfterAll
    static void stop() {
        mlflow.close();
        service.close();
    }

    @Test
    void a_report_is_logged_once_with_every_number() throws Exception {
        awaitTotals();
        String[] report = {
            "report",
            "color",
            "--url",
            service.url(),
            "--mlflow",
            mlflow.uri().toString(),
            "--mlflow-experiment",
            "reports",
            "--out",
            folder.resolve("report").toString()
        };
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(bandit(report)).satisfies(ended -> {
                assertThat(ended.status()).as(ended.err()).isZero();
                assertThat(ended.out()).startsWith("color: ");
                assertThat(ended.err().lines()).hasSize(4).allMatch(line -> line.startsWith("Written: "));
            });
        }
        JsonNode json = JsonMapper.shared()
                .readTree(bandit("report", "color", "--url", service.url(), "--format", "json")
                        .out());
        assertThat(folder.resolve("report"))
                .isDirectoryContaining("glob:**/report-rates.png")
                .isDirectoryContaining("glob:**/report-lift.png");
        assertThat(runs("reports")).singleElement().satisfies(run -> {
            assertThat(run.status()).isEqualTo("FINISHED");
            assertThat(run.parameters())
                    .isEqualTo(Map.of(
                            "experiment_id", "color",
                            "policy", "fixed",
                            "prior_alpha", "2.0",
                            "prior_beta", "3.0",
                            "min_lift", "0.9",
                            "alpha", "0.04",
                            "test_type", "z_test"));
            assertThat(run.tags())
                    .containsEntry("decision", json.get("verdict").asString())
                    .containsEntry("experiment_id", "color")
                    .hasEntrySatisfying(
                            "guardrail_violations",
                            violations -> assertThat(violations).contains("min_lift", "max_latency_regression"));
            assertThat(run.metrics())
                    .containsEntry("users", 60.0)
                    .containsEntry("rate/blue", json.at("/arms/0/rate").asDouble())
                    .containsEntry("latency_ms/blue", 100.0)
                    .containsEntry("lift", json.at("/comparisons/0/lift").asDouble())
                    .containsEntry(
                            "p_value",
                            json.at("/comparisons/0/fixed_sample_test/p_adjusted")
                                    .asDouble())
                    .containsEntry(
                            "latency_regression",
                            json.at("/comparisons/0/latency/regression").asDouble());
            assertThat(mlflow.artifacts(run.runId()))
                    .containsExactlyInAnyOrder("report.md", "report.json", "report-rates.png", "report-lift.png");
        });
    }

    @Test
    void runs_are_read_back_as_a_table() throws Exception {
        String server = mlflow.uri().toString();
        assertThat(bandit(
                        "conclude",
                        "color",
                        "--url",
                        service.url(),
                        "--mlflow",
                        server,
                        "--mlflow-experiment",
                        "table"))
                .satisfies(ended -> assertThat(ended.status()).as(ended.err()).isZero());
        Ended table = bandit("report", "--from-mlflow", server, "--mlflow-experiment", "table");
        assertThat(table.status()).as(table.err()).isZero();
        assertThat(table.out().lines())
                .satisfiesExactly(
                        header -> assertThat(header)
                                .matches("STARTED +RUN +STATUS +DECISION +DECISIONS .*PROB_BEST .*USERS"),
                        row -> assertThat(row).matches("\\S+Z  conclude color  FINISHED  winner +60 .*"));
        JsonNode json = JsonMapper.shared()
                .readTree(bandit("report", "--from-mlflow", server, "--mlflow-experiment", "table", "--format", "json")
                        .out());
        assertThat(json.at("/0/tags/leader").asString()).isEqualTo("red");
        assertThat(json.at("/0/parameters/stop_prob_best").asString()).isEqualTo("0.6");
        assertThat(json.at("/0/metrics/decisions").asDouble()).isEqualTo(60);
        assertThat(mlflow.artifacts(json.at("/0/run_id").asString()))
                .containsExactlyInAnyOrder("conclude.csv", "conclude-means.png", "conclude-best.png");
        assertThat(bandit("report", "--from-mlflow", server, "--mlflow-experiment", "none"))
                .satisfies(ended -> {
                    assertThat(ended.status()).isEqualTo(1);
                    assertThat(ended.err()).isEqualToIgnoringNewLines("MLflow has no experiment \"none\".");
                });
    }

    @Test
    void dagster_is_told_what_was_concluded_and_mlflow_too() throws Exception {
        JsonNode told = dagster(
                List.of("verdict"),
                Map.of(
                        "experiment",
                        "color",
                        "url",
                        service.url(),
                        "mlflow",
                        mlflow.uri().toString()));
        assertThat(told.get("success").asBoolean()).as(told.toPrettyString()).isTrue();
        JsonNode metadata = told.at("/materializations/verdict");
        assertThat(metadata.at("/verdict/value").asString()).isEqualTo("winner");
        assertThat(metadata.at("/leader/value").asString()).isEqualTo("red");
        assertThat(metadata.at("/decisions/type").asString()).isEqualTo("IntMetadataValue");
        assertThat(metadata.at("/decisions/value").asInt()).isEqualTo(60);
        assertThat(metadata.at("/conclusion/value/arms")).hasSize(2);
        assertThat(told.at("/checks/verdict:enough_decisions").asBoolean()).isTrue();
        assertThat(told.get("log").toString())
                .contains("external process successfully opened dagster pipes", "color: winner, red leads")
                .doesNotContain("did not receive");
        assertThat(runs("bandit"))
                .anySatisfy(run -> assertThat(run.tags())
                        .containsEntry("command", "conclude")
                        .containsEntry("decision", "winner"));
    }

    @Test
    void undecided_is_an_answer_and_not_a_failure() throws Exception {
        JsonNode told = dagster(List.of("verdict"), Map.of("experiment", "welcome", "url", service.url()));
        assertThat(told.get("success").asBoolean()).as(told.toPrettyString()).isTrue();
        assertThat(told.at("/materializations/verdict/verdict/value").asString())
                .isEqualTo("undecided");
        assertThat(told.at("/checks/verdict:enough_decisions").asBoolean(true)).isFalse();
    }

    @Test
    void a_failure_fails_the_asset_and_says_why() throws Exception {
        JsonNode told = dagster(List.of("verdict"), Map.of("experiment", "nobody", "url", service.url()));
        assertThat(told.get("success").asBoolean()).isFalse();
        assertThat(told.get("materializations")).isEmpty();
        assertThat(told.get("failures").toString()).contains("failed with code 1");
        assertThat(told.get("errors").toString()).contains("The service answered 404");
    }

    @Test
    void a_broken_variable_is_told_and_fails() throws Exception {
        Ended ended = run(
                Map.of("DAGSTER_PIPES_CONTEXT", "!", "DAGSTER_PIPES_MESSAGES", "!"),
                bandit(List.of("report", "color")));
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.err())
                .isEqualToIgnoringNewLines(
                        "DAGSTER_PIPES_CONTEXT is not what Dagster makes it: base64 of compressed JSON.");
    }

    @Test
    void the_code_location_loads_with_its_graph_schedule_and_checks() throws Exception {
        JsonNode defined = python(Map.of());
        assertThat(defined).isEqualTo(JsonMapper.shared().readTree("""
                                {"assets": {"bronze": [], "silver": ["bronze"], "replay": ["silver"], "ope": ["silver"],
                                            "verdict": ["silver"]},
                                 "checks": ["silver:few_rejected_rows", "verdict:enough_decisions"],
                                 "schedules": {"daily": "0 5 * * *"}}
                                """));
    }

    @Test
    void the_whole_graph_is_made_by_the_commands() throws Exception {
        Path logs = Dataset.sample(folder.resolve("logs"));
        JsonNode told = dagster(
                List.of("bronze", "silver", "replay", "ope", "verdict"),
                Map.of(
                        "logs", logs.toAbsolutePath().normalize().toString(),
                        "store", folder.resolve("store").toString(),
                        "seeds", 2,
                        "mlflow", mlflow.uri().toString()));
        assertThat(told.get("success").asBoolean()).as(told.toPrettyString()).isTrue();
        assertThat(told.get("materializations").propertyNames())
                .containsExactlyInAnyOrder("bronze", "silver", "replay", "ope", "verdict");
        assertThat(told.at("/materializations/ope/rounds/value").asLong()).isEqualTo(10_000);
        assertThat(told.at("/checks/silver:few_rejected_rows").asBoolean()).isTrue();

        Map<String, RecordedRun> runs = runs("bandit").stream()
                .filter(run -> run.tags()
                        .getOrDefault("log", run.tags().getOrDefault("experiment_id", ""))
                        .contains("/men"))
                .collect(Collectors.toMap(run -> run.tags().get("command"), run -> run));
        assertThat(runs).containsOnlyKeys("replay", "ope", "conclude");
        assertThat(runs.values()).allSatisfy(run -> assertThat(run.status()).isEqualTo("FINISHED"));
        assertThat(runs.get("replay").parameters())
                .containsEntry("policy", "thompson")
                .containsEntry("seeds", "2")
                .containsEntry("prior_alpha", "1.0")
                .containsEntry("prior_beta", "1.0")
                .containsEntry("alpha", "0.05")
                .containsEntry("test_type", "student_t")
                .doesNotContainKeys("store", "mlflow");
        assertThat(runs.get("replay").metrics())
                .containsKeys("cumulative_regret", "cumulative_reward", "match_rate", "lift");
        assertThat(runs.get("ope").metrics()).containsEntry("rounds", 10_000.0).containsKeys("ipw", "ci_low/dr");
        assertThat(runs.get("ope").parameters())
                .containsEntry("policy", "uniform")
                .containsEntry("alpha", "0.05")
                .containsEntry("test_type", "normal");
        assertThat(runs.get("ope").tags()).containsEntry("experiment_id", "bts/men");
        assertThat(runs.get("conclude").tags()).containsKey("decision").containsEntry("experiment_id", "random/men");
        assertThat(runs.get("conclude").parameters())
                .containsEntry("policy", "random")
                .containsEntry("test_type", "posterior_rule")
                .containsEntry("prior_alpha", "1.0");
        assertThat(runs.get("conclude").metrics()).containsKeys("rate/0", "mean/33", "prob_best", "decisions");
        assertThat(mlflow.artifacts(runs.get("conclude").runId())).contains("conclude-means.png", "conclude-best.png");
    }

    @Test
    void a_simulation_is_logged_once_with_its_curve_and_its_picture() throws Exception {
        String[] simulate = {
            "simulate",
            "--prob",
            "a=0.1,b=0.3",
            "--policy",
            "thompson,fixed",
            "--horizon",
            "1000",
            "--replications",
            "50",
            "--mlflow",
            mlflow.uri().toString(),
            "--mlflow-experiment",
            "simulations"
        };
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(bandit(simulate))
                    .satisfies(
                            ended -> assertThat(ended.status()).as(ended.err()).isZero());
        }
        assertThat(runs("simulations")).singleElement().satisfies(run -> {
            assertThat(run.parameters()).containsEntry("horizon", "1000").containsEntry("prob", "a=0.1,b=0.3");
            assertThat(run.metrics().get("cumulative_regret/fixed")).isCloseTo(100, within(1e-6));
            assertThat(run.metrics().get("cumulative_regret/thompson")).isBetween(0.0, 50.0);
            assertThat(run.metrics().get("best_arm_share/thompson")).isBetween(0.5, 1.0);
            assertThat(mlflow.artifacts(run.runId())).contains("regret.csv", "regret.png");
        });
    }

    @Test
    void what_if_is_logged_once_with_its_picture_and_without_the_password() throws Exception {
        service.put(
                "/experiments/split",
                Map.of(
                        "policy",
                        "fixed",
                        "feedback",
                        "exposure",
                        "variants",
                        List.of(Map.of("name", "a"), Map.of("name", "b"))));
        for (int i = 0; i < 200; i++) {
            JsonNode decision = service.post("/select", Map.of("experiment_id", "split", "unit_id", "u" + i));
            if (i % 4 == 0) {
                service.post(
                        "/reward",
                        Map.of("decision_id", decision.get("decision_id").asString(), "reward", 1));
            }
        }
        Path postgres = folder.resolve("data/postgres");
        String password = Files.readString(postgres.resolve("password")).strip();
        String[] whatIf = {
            "what-if",
            "split",
            "--policy",
            "uniform",
            "--format",
            "json",
            "--postgres",
            "postgresql://bandit:%s@127.0.0.1:%s/bandit"
                    .formatted(
                            password, Files.readString(postgres.resolve("port")).strip()),
        };
        // Until the relay has put all on record.
        String known = "";
        for (int i = 0; i < 100 && !known.contains("\"on_policy_value\" : 0.25"); i++) {
            known = bandit(whatIf).out();
        }
        List<String> tracked = new ArrayList<>(List.of(whatIf));
        tracked.addAll(List.of("--mlflow", mlflow.uri().toString(), "--mlflow-experiment", "what-if"));
        for (int attempt = 0; attempt < 2; attempt++) {
            Ended ended = bandit(tracked.toArray(String[]::new));
            assertThat(ended.status()).as(ended.err()).isZero();
            assertThat(ended.out()).isEqualTo(known);
        }
        assertThat(runs("what-if")).singleElement().satisfies(run -> {
            assertThat(run.toString()).doesNotContain(password);
            assertThat(run.status()).isEqualTo("FINISHED");
            assertThat(run.parameters())
                    .containsEntry("policy", "uniform")
                    .containsEntry("level", "0.95")
                    .doesNotContainKeys("postgres", "mlflow");
            assertThat(run.tags())
                    .containsEntry("command", "what-if")
                    .containsEntry("experiment_id", "split")
                    .containsEntry("decision", "ok");
            assertThat(run.metrics())
                    .containsEntry("rounds", 200.0)
                    .containsEntry("unsettled", 0.0)
                    .hasEntrySatisfying(
                            "on_policy_value", value -> assertThat(value).isCloseTo(0.25, within(1e-12)))
                    .hasEntrySatisfying("ipw", value -> assertThat(value).isCloseTo(0.25, within(1e-12)))
                    .hasEntrySatisfying("lift/ipw", value -> assertThat(value).isCloseTo(0, within(1e-12)))
                    .containsKeys("ci_low/ipw", "ci_high/ipw");
            assertThat(mlflow.artifacts(run.runId())).containsExactlyInAnyOrder("ope.csv", "ope.png");
        });
    }

    /** What was sent has been folded, so that two reports say the same. */
    private static void awaitTotals() throws Exception {
        for (int i = 0; i < 100; i++) {
            String json = bandit("report", "color", "--url", service.url(), "--format", "json")
                    .out();
            JsonNode arms = JsonMapper.shared().readTree(json).get("arms");
            if (arms.valueStream().mapToLong(arm -> arm.get("trials").asLong()).sum() == 60
                    && arms.valueStream()
                                    .mapToLong(arm ->
                                            arm.at("/latency_ms/observations").asLong())
                                    .sum()
                            == 60) {
                return;
            }
        }
        throw new AssertionError("The report never had all 60 outcomes");
    }

    private static List<RecordedRun> runs(String experiment) {
        try (Tracking tracking = Tracking.open(mlflow.uri(), experiment)) {
            return tracking.runs();
        }
    }

    private static JsonNode dagster(List<String> select, Map<String, ?> fields) throws Exception {
        Map<String, Object> bandit = new HashMap<>(fields);
        bandit.put("command", COMMAND);
        return python(Map.of("select", select, "bandit", bandit));
    }

    private static JsonNode python(Map<String, ?> request) throws Exception {
        Path answer = Files.createTempFile(folder, "dagster", ".json");
        Ended ended = run(
                Map.of("DAGSTER_DISABLE_TELEMETRY", "true", "PYTHONDONTWRITEBYTECODE", "1"),
                List.of(
                        MlflowProcess.python().toString(),
                        MATERIALIZE.toString(),
                        LOCATION.toString(),
                        JsonMapper.shared().writeValueAsString(request),
                        answer.toString()));
        assertThat(ended.status()).as(ended.err()).isZero();
        return JsonMapper.shared().readTree(Files.readString(answer));
    }

    private static Ended bandit(String... arguments) throws Exception {
        return run(Map.of(), bandit(List.of(arguments)));
    }

    private static List<String> bandit(List<String> arguments) {
        List<String> all = new ArrayList<>(COMMAND);
        all.addAll(arguments);
        return all;
    }

    private static Ended run(Map<String, String> environment, List<String> command) throws Exception {
        Path out = Files.createTempFile(folder, "command", ".out");
        Path err = Files.createTempFile(folder, "command", ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        int status = builder.start().waitFor();
        return new Ended(status, Files.readString(out), Files.readString(err));
    }
}
