package dev.bandit.service.stop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.core.posterior.BestArm;
import dev.bandit.service.testing.LiveService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Experiments end by themselves where they say so, for reasons that are on record. */
@TestPropertySource(properties = "bandit.stop.interval=200ms")
class StopIT extends LiveService {

    @Autowired
    private JdbcClient postgres;

    @Test
    void the_rule_concludes_with_the_leader_and_the_numbers_on_record_give_it_again() {
        String id = experiment(
                2,
                "policy",
                "fixed",
                "stop",
                Map.of("min_runtime", "0s", "min_decisions_per_arm", 20, "auto_conclude", true));
        rewards(id, "a", 5, 45);
        decisions(id, 60);
        assertThat(status(id)).isEqualTo("running");
        rewards(id, "b", 40, 10);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(status(id)).isEqualTo("concluded"));
        JsonNode experiment = http.get("/experiments/" + id).body();
        assertThat(experiment.get("winner").asString()).isEqualTo("b");
        JsonNode audit = audit(id);
        assertThat(audit.get("actor").asString()).isEqualTo("the stopping rule");
        JsonNode detail = audit.get("detail");
        assertThat(detail.get("definition_version").asInt()).isEqualTo(1);
        JsonNode a = detail.at("/arms/a");
        JsonNode b = detail.at("/arms/b");
        double[] again = BestArm.probabilities(
                new double[] {a.get("alpha").asDouble(), b.get("alpha").asDouble()},
                new double[] {a.get("beta").asDouble(), b.get("beta").asDouble()});
        assertThat(again[1]).isEqualTo(b.get("prob_best").asDouble()).isGreaterThan(0.95);
        assertThat(b.get("expected_loss").asDouble()).isLessThan(0.001);
        assertThat(a.get("decisions").asLong() + b.get("decisions").asLong()).isEqualTo(60);

        assertThat(select(id).text("arm_id")).isEqualTo("b");
        assertThat(http.post("/experiments/" + id + "/resume", null).status()).isEqualTo(200);
    }

    @Test
    void a_rule_that_only_reports_leaves_the_end_to_people() throws Exception {
        String id = experiment(2, "stop", Map.of("min_runtime", "0s", "min_decisions_per_arm", 0));
        rewards(id, "b", 40, 10);
        rewards(id, "a", 5, 45);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(http.get("/experiments/" + id + "/report")
                                .body()
                                .at("/stopping/met")
                                .asBoolean())
                        .isTrue());
        Thread.sleep(1_000);
        assertThat(status(id)).isEqualTo("running");
        assertThat(http.post("/experiments/" + id + "/conclude", null).text("winner"))
                .isEqualTo("b");
        assertThat(audit(id).at("/detail/stop_rule_met").asBoolean()).isTrue();

        assertThat(http.post("/experiments/" + id + "/resume", null).text("status"))
                .isEqualTo("running");
        assertThat(select(id).text("policy")).isEqualTo("thompson");
    }

    @Test
    void an_arm_that_is_proven_to_be_too_slow_gives_way_to_the_control() {
        String id = experiment(
                2, "policy", "fixed", "guardrails", Map.of("max_latency_regression", 0.25, "on_regression", "control"));
        for (JsonNode decision : decisions(id, 100)) {
            double ms = (decision.get("arm_id").asString().equals("a") ? 100 : 150)
                    + decision.get("decision_id").asString().hashCode() % 10;
            http.post(
                    "/observe",
                    Map.of("decision_id", decision.get("decision_id").asString(), "latency_ms", ms));
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(status(id)).isEqualTo("concluded"));
        assertThat(http.get("/experiments/" + id).text("winner")).isEqualTo("a");
        JsonNode audit = audit(id);
        assertThat(audit.get("actor").asString()).isEqualTo("the latency guardrail");
        assertThat(audit.at("/detail/too_slow").asString()).isEqualTo("b");
        assertThat(audit.at("/detail/p").asDouble()).isLessThan(0.001);
    }

    @Test
    void an_arm_that_is_proven_to_be_too_slow_is_paused_where_that_is_asked_for_and_can_be_resumed() {
        String id = experiment(3, "guardrails", Map.of("on_regression", "pause_arm"), "sticky_ttl", "1h");
        for (JsonNode decision : decisions(id, 150)) {
            double ms = (decision.get("arm_id").asString().equals("b") ? 150 : 100)
                    + decision.get("decision_id").asString().hashCode() % 10;
            http.post(
                    "/observe",
                    Map.of("decision_id", decision.get("decision_id").asString(), "latency_ms", ms));
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(http.get("/experiments/" + id)
                                .body()
                                .at("/variants/1/paused")
                                .asBoolean())
                        .isTrue());
        assertThat(status(id)).isEqualTo("running");
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(decisions(id, 50))
                        .noneMatch(decision -> decision.get("arm_id").asString().equals("b")));
        assertThat(decisions(id, 50))
                .allSatisfy(decision ->
                        assertThat(decision.get("propensity").asDouble()).isBetween(0.2, 0.8));
        assertThat(http.post("/select", Map.of("experiment_id", id, "eligible_arms", List.of("b")))
                        .status())
                .isEqualTo(409);
        assertThat(http.get("/experiments/" + id + "/report")
                        .body()
                        .get("summary")
                        .toString())
                .contains("Nobody gets b for now.");

        assertThat(http.post("/experiments/" + id + "/arms/nobody/resume", null).status())
                .isEqualTo(400);
        http.post("/experiments/" + id + "/arms/a/pause", null);
        assertThat(http.post("/experiments/" + id + "/arms/c/pause", null).status())
                .as("the last one goes on")
                .isEqualTo(400);
        assertThat(http.post("/experiments/" + id + "/arms/a/resume", null).status())
                .isEqualTo(200);
    }

    private String status(String id) {
        return http.get("/experiments/" + id).text("status");
    }

    private JsonNode audit(String id) {
        return postgres.sql("""
                        select json_build_object('actor', actor, 'detail', detail)::text from audit_log
                         where experiment_id = ? and action = 'conclude' order by id desc limit 1
                        """)
                .param(id)
                .query((row, number) -> JsonMapper.shared().readTree(row.getString(1)))
                .single();
    }

    private List<JsonNode> decisions(String id, int count) {
        List<Map<String, Object>> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            requests.add(Map.of("experiment_id", id));
        }
        List<JsonNode> decisions = new ArrayList<>();
        http.post("/select/batch", Map.of("requests", requests))
                .body()
                .get("decisions")
                .forEach(decisions::add);
        return decisions;
    }

    private void rewards(String id, String arm, int successes, int failures) {
        List<Map<String, Object>> rewards = new ArrayList<>();
        for (int i = 0; i < successes + failures; i++) {
            rewards.add(
                    Map.of("experiment_id", id, "arm_id", arm, "reward", i < successes ? 1 : 0, "reward_id", arm + i));
        }
        assertThat(http.post("/reward/batch", Map.of("rewards", rewards)).status())
                .isEqualTo(200);
    }
}
