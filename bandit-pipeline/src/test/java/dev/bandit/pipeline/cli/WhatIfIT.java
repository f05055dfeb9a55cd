package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.pipeline.testing.Child;
import dev.bandit.pipeline.testing.DagsterPipes;
import dev.bandit.pipeline.testing.RunningService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real service with its PostgreSQL, and traffic of known rates. It draws arms by generators of its own: an estimate is further than five
 * standard errors from the truth about once in 1.7 million runs.
 */
class WhatIfIT {

    private static final Map<String, Double> RATES = Map.of("a", 0.2, "b", 0.3, "c", 0.5);
    private static final List<Map<String, String>> ARMS =
            List.of(Map.of("name", "a"), Map.of("name", "b"), Map.of("name", "c"));
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final double STANDARD_ERRORS = 5;
    private static final String TRAFFIC = "kind in ('decision', 'reward')";

    @TempDir
    private static Path folder;

    private static RunningService service;
    private static String address;
    private static String password;

    @BeforeAll
    static void start() throws IOException {
        service = RunningService.start(folder);
        Path postgres = folder.resolve("data/postgres");
        password = Files.readString(postgres.resolve("password")).strip();
        address = "postgresql://bandit:%s@127.0.0.1:%s/bandit"
                .formatted(password, Files.readString(postgres.resolve("port")).strip());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static Run whatIf(Object... args) {
        List<Object> all = new ArrayList<>(List.<Object>of("what-if", "--postgres", address));
        all.addAll(Arrays.asList(args));
        Run run = Run.of(all.toArray());
        assertThat(run.out() + run.err()).doesNotContain(password);
        return run;
    }

    private static JsonNode json(int status, Object... args) {
        List<Object> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(List.of("--format", "json"));
        Run run = whatIf(all.toArray());
        assertThat(run.status()).as(run.err()).isEqualTo(status);
        return JsonMapper.shared().readTree(run.out());
    }

    private static void make(String experiment, String feedback) {
        service.put(
                "/experiments/" + experiment,
                Map.of("policy", "thompson", "min_allocation", 0.1, "feedback", feedback, "variants", ARMS));
    }

    /** Every arm of the three equally likely, whatever it earns. */
    private static void split(String experiment) {
        service.put("/experiments/" + experiment, Map.of("policy", "fixed", "feedback", "exposure", "variants", ARMS));
    }

    /** Decisions for a thousand units; successes are rewarded, and failures where {@code told}. */
    private static void traffic(String experiment, int decisions, boolean told, long seed) throws SQLException {
        SplittableRandom random = new SplittableRandom(seed);
        double before = onRecord(experiment, TRAFFIC);
        int rewards = 0;
        for (int i = 0; i < decisions; i++) {
            JsonNode decision =
                    service.post("/select", Map.of("experiment_id", experiment, "unit_id", "unit-" + i % 1_000));
            boolean success =
                    random.nextDouble() < RATES.get(decision.path("arm_id").asString());
            if (success || told) {
                rewards++;
                service.post(
                        "/reward",
                        Map.of("decision_id", decision.path("decision_id").asString(), "reward", success ? 1 : 0));
            }
        }
        await(experiment, TRAFFIC, before + decisions + rewards);
    }

    /** Until so many events that are such are on record. */
    private static void await(String experiment, String which, double events) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (onRecord(experiment, which) < events) {
            assertThat(System.nanoTime()).as("%s on record", which).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static double onRecord(String experiment, String which) throws SQLException {
        return number("select count(*) from bandit_events where experiment_id = ? and (" + which + ")", experiment);
    }

    private static double number(String sql, String experiment) throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:" + address.replaceFirst("bandit:.*@", ""), "bandit", password);
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, experiment);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getDouble(1);
            }
        }
    }

    private static void assertTruth(JsonNode report, double truth) {
        assertThat(report.path("verdict").asString()).isEqualTo("ok");
        assertThat(report.path("estimators").size()).isGreaterThan(5);
        for (JsonNode estimator : report.path("estimators")) {
            JsonNode normal = estimator.path("normal");
            double error = (normal.path("high").asDouble() - normal.path("low").asDouble()) / 2 / 1.959964;
            assertThat(estimator.path("value").asDouble())
                    .as(estimator.path("name").asString())
                    .isCloseTo(truth, within(STANDARD_ERRORS * error));
        }
    }

    @Test
    void what_was_rewarded_tells_what_other_policies_would_have_earned() throws IOException, SQLException {
        make("told", "explicit");
        traffic("told", 3_000, true, 1);

        JsonNode uniform = json(0, "told", "--policy", "uniform");
        assertThat(uniform.path("log").asString()).isEqualTo("told");
        assertThat(uniform.path("rounds").asLong()).isEqualTo(3_000);
        assertThat(uniform.path("on_policy_value").asDouble())
                .isCloseTo(
                        number(
                                "select avg(reward) from bandit_events where experiment_id = ? and kind = 'reward'",
                                "told"),
                        within(1e-12));
        assertTruth(uniform, 1 / 3.0);

        Path table = Files.writeString(folder.resolve("table.csv"), "arm,probability\na,0.25\nc,0.75\n");
        assertTruth(json(0, "told", "--policy", "table:" + table), 0.25 * 0.2 + 0.75 * 0.5);

        Run text = whatIf("told", "--policy", "uniform", "--out", folder.resolve("out"));
        assertThat(text.out()).startsWith("uniform on told: 3,000 rounds.");
        assertThat(folder.resolve("out/ope.csv")).exists();

        LocalDate tomorrow = LocalDate.now(ZoneOffset.UTC).plusDays(1);
        assertThat(json(0, "told", "--policy", "uniform", "--from", tomorrow.minusDays(2), "--to", tomorrow))
                .isEqualTo(uniform);
        JsonNode none = json(3, "told", "--policy", "uniform", "--from", tomorrow);
        assertThat(none.path("rounds").asLong()).isZero();
        assertThat(none.path("verdict").asString()).isEqualTo("insufficient_overlap");
    }

    @Test
    void where_feedback_is_exposure_a_decision_without_reward_has_failed() throws SQLException {
        make("shown", "exposure");
        traffic("shown", 2_000, false, 2);
        JsonNode before = json(0, "shown", "--policy", "uniform");
        assertThat(before.path("rounds").asLong()).isEqualTo(2_000);
        assertThat(before.path("on_policy_value").asDouble())
                .isCloseTo(
                        number(
                                "select sum(reward) / 2000 from bandit_events where experiment_id = ? and kind = 'reward'",
                                "shown"),
                        within(1e-12));
        assertTruth(before, 1 / 3.0);

        // Nobody else has a chance from now on, so nothing can be learned of them.
        service.post("/experiments/shown/conclude", Map.of());
        traffic("shown", 20, false, 3);
        Run after = whatIf("shown", "--policy", "uniform", "--format", "json");
        assertThat(after.err()).isEqualTo("Left out: 20 decisions made after the experiment was concluded.\n");
        assertThat(JsonMapper.shared().readTree(after.out())).isEqualTo(before);
    }

    @Test
    void decisions_whose_window_is_open_are_left_out() throws SQLException {
        service.put(
                "/experiments/later",
                Map.of("policy", "thompson", "feedback", "window", "window", "1h", "variants", ARMS));
        traffic("later", 30, false, 4);
        Run run = whatIf("later", "--policy", "uniform");
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.err()).isEqualTo("Left out: 30 decisions whose window is open.\n");
    }

    /**
     * Windows of an hour, then of three seconds, then of an hour: the second closes what was made under the first, too, and the third begins
     * when all of them have closed. Nothing hangs on how fast this goes: a reward that is meant to be in time counts as the service took it.
     */
    @Test
    void once_its_window_has_closed_a_decision_counts_with_what_came_within_it() throws Exception {
        window("ended", "1h");
        Map<String, Integer> decisions = new HashMap<>();
        Map<String, Integer> inTime = new HashMap<>();
        List<String> late = new ArrayList<>();
        int taken = 0;
        for (int i = 0; i < 160; i++) {
            if (i == 40) {
                window("ended", "3s");
            }
            JsonNode decision = service.post("/select", Map.of("experiment_id", "ended", "unit_id", "unit-" + i));
            String arm = decision.path("arm_id").asString();
            String id = decision.path("decision_id").asString();
            decisions.merge(arm, 1, Integer::sum);
            switch (i % 4) {
                case 0, 1 -> {
                    int reward = i % 4 == 0 ? 1 : 0;
                    JsonNode answer = service.post("/reward", Map.of("decision_id", id, "reward", reward));
                    if (!answer.path("late").asBoolean()) {
                        taken++;
                        inTime.merge(arm, reward, Integer::sum);
                    }
                }
                case 2 -> late.add(id);
                default -> {}
            }
        }
        await("ended", "kind = 'matured'", 160 - taken);
        for (String id : late) {
            assertThat(service.post("/reward", Map.of("decision_id", id, "reward", 1))
                            .path("late")
                            .asBoolean())
                    .isTrue();
        }
        window("ended", "1h");
        for (int i = 160; i < 200; i++) {
            JsonNode decision = service.post("/select", Map.of("experiment_id", "ended", "unit_id", "unit-" + i));
            service.post(
                    "/reward",
                    Map.of("decision_id", decision.path("decision_id").asString(), "reward", 1));
        }
        await("ended", "kind = 'decision'", 200);
        await("ended", "kind = 'reward'", taken + 40);
        await("ended", "kind = 'late'", late.size());

        Path table = Files.writeString(folder.resolve("tilted.csv"), "arm,probability\na,0.4\nb,0.3\nc,0.3\n");
        Run run = whatIf("ended", "--policy", "table:" + table, "--format", "json");
        assertThat(run.status()).as(run.err()).isZero();
        assertThat(run.err()).isEqualTo("Left out: 40 decisions whose window is open.\n");
        JsonNode report = JsonMapper.shared().readTree(run.out());
        // Every arm was chosen with 1/3, so a weighs 0.4 * 3 and the others 0.3 * 3.
        double weights = 1.2 * decisions.get("a") + 0.9 * decisions.get("b") + 0.9 * decisions.get("c");
        double weighted = 1.2 * inTime.get("a") + 0.9 * inTime.get("b") + 0.9 * inTime.get("c");
        int successes = inTime.values().stream().mapToInt(Integer::intValue).sum();
        assertThat(report.path("rounds").asLong()).isEqualTo(160);
        assertThat(report.path("on_policy_value").asDouble()).isCloseTo(successes / 160.0, within(1e-12));
        assertThat(report.path("mean_weight").asDouble()).isCloseTo(weights / 160, within(1e-12));
        assertThat(value(report, "ipw")).isCloseTo(weighted / 160, within(1e-12));
        assertThat(value(report, "snipw")).isCloseTo(weighted / weights, within(1e-12));
    }

    private static void window(String experiment, String window) {
        service.put(
                "/experiments/" + experiment,
                Map.of("policy", "fixed", "feedback", "window", "window", window, "variants", ARMS));
    }

    private static double value(JsonNode report, String estimator) {
        return report.path("estimators")
                .valueStream()
                .filter(one -> one.path("name").asString().equals(estimator))
                .findFirst()
                .orElseThrow()
                .path("value")
                .asDouble();
    }

    @Test
    void the_address_may_be_in_the_environment() throws Exception {
        split("named");
        traffic("named", 120, false, 7);
        String port = Files.readString(folder.resolve("data/postgres/port")).strip();
        Object[] question = {"named", "--policy", "uniform", "--format", "json"};
        JsonNode expected = json(0, "named", "--policy", "uniform");
        for (Map<String, String> environment : List.of(
                Map.of(
                        "SPRING_DATASOURCE_URL",
                        "jdbc:postgresql://127.0.0.1:" + port + "/bandit",
                        "SPRING_DATASOURCE_USERNAME",
                        "bandit",
                        "SPRING_DATASOURCE_PASSWORD",
                        password),
                Map.of(
                        "PGHOST", "127.0.0.1",
                        "PGPORT", port,
                        "PGDATABASE", "bandit",
                        "PGUSER", "bandit",
                        "PGPASSWORD", password))) {
            assertThat(process(environment, question))
                    .as(Files.readString(folder.resolve("err")))
                    .isZero();
            assertThat(JsonMapper.shared().readTree(Files.readString(folder.resolve("answer"))))
                    .isEqualTo(expected);
        }
        assertThat(process(
                        Map.of("PGHOST", "127.0.0.1", "PGPORT", port, "PGUSER", "bandit", "PGPASSWORD", "not-this"),
                        question))
                .isEqualTo(1);
        assertThat(Files.readString(folder.resolve("err")))
                .startsWith("Postgres at 127.0.0.1:" + port + "/bandit cannot be reached: ")
                .doesNotContain("not-this");
    }

    @Test
    void dagster_is_told_what_counts_and_what_was_left_out() throws Exception {
        split("piped");
        traffic("piped", 300, false, 5);
        service.post("/experiments/piped/conclude", Map.of());
        traffic("piped", 10, false, 6);

        List<JsonNode> told = dagster(0, "piped", "--policy", "uniform", "--format", "json");
        assertThat(told)
                .extracting(message -> message.path("method").asString())
                .containsExactly("opened", "log", "report_asset_check", "report_asset_materialization", "closed");
        assertThat(told.get(1).at("/params/message").asString()).isEqualTo("uniform on piped: ok");
        assertThat(told.get(2).at("/params/check_name").asString()).isEqualTo("enough_overlap");
        assertThat(told.get(2).at("/params/passed").asBoolean()).isTrue();
        JsonNode metadata = told.get(3).at("/params/metadata");
        assertThat(metadata.at("/rounds/raw_value").asLong()).isEqualTo(300);
        assertThat(metadata.at("/concluded/raw_value").asLong()).isEqualTo(10);
        assertThat(metadata.at("/unsettled/raw_value").asLong(-1)).isZero();
        assertThat(metadata.at("/without_propensity/raw_value").asLong(-1)).isZero();
        assertThat(metadata.at("/ess/raw_value").asDouble()).isCloseTo(300, within(1e-9));
        assertThat(metadata.at("/experiment_id/raw_value").asString()).isEqualTo("piped");
        assertThat(metadata.at("/report/raw_value"))
                .isEqualTo(JsonMapper.shared().readTree(Files.readString(folder.resolve("answer"))));

        List<JsonNode> nothing = dagster(3, "piped", "--policy", "uniform", "--to", "2000-01-01");
        assertThat(nothing.get(2).at("/params/passed").asBoolean(true)).isFalse();
        assertThat(nothing.get(3).at("/params/metadata/verdict/raw_value").asString())
                .isEqualTo("insufficient_overlap");

        List<JsonNode> failed = dagster(1, "nobody", "--policy", "uniform");
        assertThat(failed)
                .extracting(message -> message.path("method").asString())
                .containsExactly("opened", "closed");
        assertThat(failed.getLast().at("/params/exception/message").asString())
                .startsWith("There is no experiment nobody in ");
    }

    /** As a process of its own, whose standard output is in {@code answer}. */
    private static List<JsonNode> dagster(int status, Object... args) throws Exception {
        Path messages = folder.resolve("messages");
        Files.deleteIfExists(messages);
        Map<String, String> environment = new HashMap<>(DagsterPipes.variables(messages, "what_if", "enough_overlap"));
        environment.put("SPRING_DATASOURCE_URL", address);
        assertThat(process(environment, args))
                .as(Files.readString(folder.resolve("err")))
                .isEqualTo(status);
        return DagsterPipes.messages(messages);
    }

    /** Standard error goes beside what was answered. */
    private static int process(Map<String, String> environment, Object... args) throws Exception {
        List<Object> all = new ArrayList<>(List.<Object>of("what-if"));
        all.addAll(Arrays.asList(args));
        return Child.start(
                        List.of("/bin/sh", "-c", "exec \"$@\" 2> " + folder.resolve("err"), "beside"),
                        folder.resolve("answer"),
                        environment,
                        all.toArray())
                .waitFor();
    }

    @Test
    void what_is_not_there_is_told_in_a_sentence() {
        Run unknown = whatIf("nothing", "--policy", "uniform");
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err()).startsWith("There is no experiment nothing in 127.0.0.1:");
        Run arm = whatIf("welcome", "--policy", "table:" + folder.resolve("missing.csv"));
        assertThat(arm.status()).isEqualTo(1);
        Run wrong = Run.of(
                "what-if",
                "welcome",
                "--policy",
                "uniform",
                "--postgres",
                address.replace(password, "not-the-password"));
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err()).startsWith("Postgres at 127.0.0.1:").doesNotContain("not-the-password");
        Run empty = Run.of(
                "what-if", "welcome", "--policy", "uniform", "--postgres", address.replaceFirst("bandit$", "postgres"));
        assertThat(empty.status()).isEqualTo(1);
        assertThat(empty.err()).contains("is no database of a Bandit service");
        Run times = whatIf("welcome", "--policy", "uniform", "--from", "2026-02-01", "--to", "2026-01-01");
        assertThat(times.status()).isEqualTo(2);
        assertThat(times.err()).contains("expected a time before --to");
        assertThat(whatIf("welcome", "--policy", "uniform", "--from", "yesterday")
                        .status())
                .isEqualTo(2);
        assertThat(Run.of("what-if", "welcome", "--policy", "uniform").status()).isEqualTo(2);
    }
}
