package dev.bandit.service.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.testing.LiveService;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Assignment, inference and response of one decision are on record together. */
class ObservationIT extends LiveService {

    @Autowired
    private JdbcClient postgres;

    @Test
    void the_first_observation_of_a_decision_stands_beside_it_and_its_reward() {
        String id = experiment(2);
        Answer decision = select(id);
        String token = decision.text("decision_id");
        Map<String, Object> observation = Map.of(
                "decision_id",
                token,
                "latency_ms",
                12.5,
                "score",
                0.25,
                "model_version",
                "v 3 é",
                "metrics",
                Map.of("tokens", 17, "cost", 0.001));

        Answer answer = http.post("/observe", observation);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("status")).isEqualTo("accepted");
        assertThat(answer.text("arm_id")).isEqualTo(decision.text("arm_id"));
        Map<String, Object> other = new HashMap<>(observation);
        other.put("latency_ms", 99);
        assertThat(http.post("/observe", other).text("status")).isEqualTo("accepted");
        reward(token, 1);

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(rows(id)).hasSize(3));
        Map<String, Object> row = rows(id).get(1);
        assertThat(row)
                .containsEntry("kind", "observation")
                .containsEntry("latency_ms", 12.5)
                .containsEntry("score", 0.25)
                .containsEntry("model_version", "v 3 é");
        assertThat(row.get("metrics")).hasToString("{\"cost\": 0.001, \"tokens\": 17.0}");
        assertThat(rows(id)).extracting(each -> each.get("event_id")).containsOnly(row.get("event_id"));
        Answer audit = http.post("/admin/audit?experiment=" + id, null);
        assertThat(audit.body().get("ok").asBoolean()).as(audit.toString()).isTrue();
    }

    @Test
    void a_decision_is_on_record_with_the_propensities_of_all_arms_and_rows_with_their_batch() {
        String id = experiment(3);
        String token = select(id).text("decision_id");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(rows(id)).hasSize(1));
        reward(token, 0);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(rows(id)).hasSize(2));

        Map<String, Object> decision = rows(id).getFirst();
        assertThat(decision.get("propensities")).hasToString("{0.33333334,0.33333334,0.33333334}");
        assertThat((Long) rows(id).getLast().get("batch")).isGreaterThan((Long) decision.get("batch"));
    }

    @Test
    void what_is_no_observation_is_refused_with_the_field() {
        String token = select(experiment(2)).text("decision_id");
        Map<String, Map<String, Object>> wrong = Map.of(
                "latency_ms", Map.of("latency_ms", -1),
                "score", Map.of("score", "NaN"),
                "model_version", Map.of("model_version", ""),
                "metrics.x", Map.of("metrics", Collections.singletonMap("x", null)));
        wrong.forEach((field, body) -> {
            Map<String, Object> request = new HashMap<>(body);
            request.put("decision_id", token);
            Answer refused = http.post("/observe", request);
            assertThat(refused.status()).as(field).isEqualTo(400);
            assertThat(refused.text("field")).isEqualTo(field);
        });
        assertThat(http.post("/observe", Map.of("decision_id", token)).status()).isEqualTo(400);
        assertThat(http.post("/observe", Map.of("decision_id", "forged", "score", 1))
                        .status())
                .isEqualTo(400);
    }

    private List<Map<String, Object>> rows(String experiment) {
        return postgres.sql("""
                        select kind, event_id, latency_ms, score, model_version, metrics::text as metrics,
                               propensities::text as propensities, batch
                          from bandit_events where experiment_id = ?
                         order by case kind when 'decision' then 1 when 'observation' then 2 else 3 end
                        """).param(experiment).query().listOfRows();
    }
}
