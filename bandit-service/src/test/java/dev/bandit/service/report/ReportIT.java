package dev.bandit.service.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.bandit.core.assignment.Assignment;
import dev.bandit.service.testing.LiveService;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Every verdict, from events over HTTP to the report. */
class ReportIT extends LiveService {

    private static final Map<String, Object> WIDE = Map.of("min_lift", 0.2);

    @Autowired
    private JdbcClient postgres;

    private final Map<String, Long> sent = new HashMap<>();
    private final Map<String, Long> events = new HashMap<>();
    private final SplittableRandom random = new SplittableRandom(20261122);

    @Test
    void a_clear_lift_of_a_fixed_split_is_shipped() {
        String id = experiment(2, "policy", "fixed", "guardrails", WIDE);
        traffic(id, 600, null, arm -> arm.equals("a") ? 0.2 : 0.6, arm -> 100, 1);

        JsonNode report = report(id);
        assertThat(verdict(report)).isEqualTo("SHIP");
        JsonNode comparison = report.get("comparisons").get(0);
        assertThat(comparison.at("/fixed_sample_test/valid").asBoolean()).isTrue();
        assertThat(comparison.get("lift").asDouble()).isGreaterThan(0.2);
        assertThat(report.at("/power/required_per_arm").asLong()).isBetween(50L, 120L);
        assertThat(report.at("/health/sample_ratio/mismatch").asBoolean()).isFalse();
        assertThat(report.at("/health/outcomes/p").asDouble()).isLessThan(0.001);
        assertThat(report.get("reasons").toString()).contains("worth shipping", "z test");
    }

    @Test
    void a_clear_lift_under_thompson_sampling_is_shipped_by_what_holds_at_any_time() {
        String id = experiment(2, "min_allocation", 0.1, "guardrails", WIDE);
        for (int i = 0; i < 10; i++) {
            traffic(id, 200, null, arm -> arm.equals("a") ? 0.1 : 0.7, arm -> 100, 1);
        }
        JsonNode report = report(id);
        assertThat(verdict(report)).isEqualTo("SHIP");
        assertThat(report.get("adaptive").asBoolean()).isTrue();
        JsonNode comparison = report.get("comparisons").get(0);
        assertThat(comparison.at("/fixed_sample_test/valid").asBoolean()).isFalse();
        assertThat(comparison.get("anytime").get(0).asDouble()).isPositive();
        assertThat(comparison.get("adaptive").get(0).asDouble()).isBetween(0.2, 0.65);
        assertThat(comparison.get("adaptive").get(1).asDouble()).isBetween(0.55, 0.9);
        assertThat(report.at("/health/difference_p").asDouble()).isLessThan(0.05);
        assertThat(report.get("summary").toString()).contains("does not hold");
    }

    @Test
    void an_answer_that_is_no_is_not_shipped() {
        String id = experiment(2, "policy", "fixed", "guardrails", WIDE);
        traffic(id, 600, null, arm -> 0.3, arm -> 100, 1);
        assertThat(verdict(report(id))).isEqualTo("DO NOT SHIP (CHECK GUARDRAILS)");
    }

    @Test
    void too_little_is_pending_and_says_how_long() {
        String id = experiment(2, "policy", "fixed");
        traffic(id, 100, null, arm -> 0.3, arm -> 100, 1);
        JsonNode report = report(id);
        assertThat(verdict(report)).isEqualTo("PENDING (UNDERPOWERED)");
        assertThat(report.get("summary").toString()).containsAnyOf("to a verdict", "times the events");
        assertThat(report.get("reasons").toString()).contains("Each arm needs");
    }

    @Test
    void a_slower_arm_is_pending_whatever_its_lift() {
        String id = experiment(2, "policy", "fixed", "guardrails", WIDE);
        traffic(id, 600, null, arm -> arm.equals("a") ? 0.2 : 0.6, arm -> arm.equals("a") ? 100 : 140, 1);
        JsonNode report = report(id);
        assertThat(verdict(report)).isEqualTo("PENDING (LATENCY REGRESSION)");
        assertThat(report.at("/comparisons/0/latency/regression").asDouble()).isCloseTo(0.4, within(0.02));
        JsonNode latency = report.at("/arms/1/latency_ms");
        assertThat(latency.get("p50").asDouble()).isCloseTo(140, within(2.0));
        assertThat(latency.get("p99").asDouble()).isBetween(140.0, 150.0);
    }

    @Test
    void missing_observations_or_outcomes_are_incomplete() {
        String id = experiment(2, "policy", "fixed", "guardrails", WIDE);
        assertThat(verdict(report(id))).isEqualTo("INCOMPLETE");
        traffic(id, 300, null, arm -> 0.3, arm -> 100, 0.5);
        JsonNode report = report(id);
        assertThat(verdict(report)).isEqualTo("INCOMPLETE");
        assertThat(report.get("reasons").toString()).contains("have an observation");
        assertThat(report.at("/health/completeness").asDouble()).isBetween(0.35, 0.65);
    }

    /** Somebody filters the units: those that hash to arm a come nine times as often. */
    @Test
    void units_that_do_not_come_as_the_split_says_are_unhealthy() {
        String id = experiment(2, "policy", "fixed", "guardrails", WIDE);
        List<String> units = new ArrayList<>();
        for (int i = 0; units.size() < 400; i++) {
            String unit = "user-" + i;
            if (Assignment.uniform(id, unit) < 0.5 || random.nextInt(9) == 0) {
                units.add(unit);
            }
        }
        traffic(id, units.size(), units, arm -> 0.3, arm -> 100, 1);
        JsonNode report = report(id);
        assertThat(verdict(report)).isEqualTo("UNHEALTHY");
        assertThat(report.at("/health/sample_ratio/p").asDouble()).isLessThan(0.001);
        assertThat(report.at("/arms/0/unique_units").asLong()
                        + report.at("/arms/1/unique_units").asLong())
                .isEqualTo(400);
        // The same units again are the same choices.
        traffic(id, units.size(), units, arm -> 0.3, arm -> 100, 1);
        assertThat(report(id).at("/arms/0/unique_units").asLong())
                .isEqualTo(report.at("/arms/0/unique_units").asLong());
    }

    @Test
    void a_report_is_there_to_read_too() throws Exception {
        String id = experiment(3);
        traffic(id, 100, null, arm -> 0.3, arm -> 100, 1);
        report(id);
        assertThat(read(id, "text")).contains(id + ": ", "Arms\n", "a (control)", "Guardrails");
        assertThat(read(id, "markdown")).startsWith("# " + id).contains("| arm").contains("|---|");
        assertThat(http.get("/experiments/" + id + "/report?format=pdf").status())
                .isEqualTo(400);
        assertThat(http.get("/experiments/nobody/report").status()).isEqualTo(404);
    }

    private String read(String id, String format) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(url() + "/experiments/" + id + "/report?format=" + format))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.headers().firstValue("Content-Type"))
                    .hasValue(format.equals("text") ? "text/plain;charset=UTF-8" : "text/markdown;charset=UTF-8");
            return answer.body();
        }
    }

    private static String verdict(JsonNode report) {
        return report.get("verdict").asString();
    }

    /** Once everything that was sent is in it. */
    private JsonNode report(String id) {
        JsonNode[] report = new JsonNode[1];
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Answer answer = http.get("/experiments/" + id + "/report");
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            report[0] = answer.body();
            long shown = 0;
            for (JsonNode arm : report[0].get("arms")) {
                shown += arm.get("impressions").asLong();
            }
            assertThat(shown).isEqualTo(sent.getOrDefault(id, 0L));
            assertThat(postgres.sql("select count(*) from bandit_events where experiment_id = ?")
                            .param(id)
                            .query(Long.class)
                            .single())
                    .isEqualTo(events.getOrDefault(id, 0L));
        });
        return http.get("/experiments/" + id + "/report").body();
    }

    /** Decisions, each with its outcome, and a share of them with an observation. */
    private void traffic(
            String id,
            int decisions,
            @Nullable List<String> units,
            ToDoubleFunction<String> rate,
            ToDoubleFunction<String> latency,
            double observed) {
        List<Map<String, Object>> requests = new ArrayList<>();
        for (int i = 0; i < decisions; i++) {
            requests.add(
                    units == null ? Map.of("experiment_id", id) : Map.of("experiment_id", id, "unit_id", units.get(i)));
        }
        List<Map<String, Object>> rewards = new ArrayList<>();
        int observations = 0;
        for (JsonNode decision :
                http.post("/select/batch", Map.of("requests", requests)).body().get("decisions")) {
            String token = decision.get("decision_id").asString();
            String arm = decision.get("arm_id").asString();
            if (random.nextDouble() < observed) {
                observations++;
                double ms = latency.applyAsDouble(arm) * (0.98 + 0.04 * random.nextDouble());
                assertThat(http.post("/observe", Map.of("decision_id", token, "latency_ms", ms, "score", ms % 7))
                                .status())
                        .isEqualTo(200);
            }
            rewards.add(Map.of("decision_id", token, "reward", random.nextDouble() < rate.applyAsDouble(arm) ? 1 : 0));
        }
        assertThat(http.post("/reward/batch", Map.of("rewards", rewards)).status())
                .isEqualTo(200);
        sent.merge(id, (long) decisions, Long::sum);
        events.merge(id, 2L * decisions + observations, Long::sum);
    }
}
