package dev.bandit.service.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.testing.LiveService;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

class SelectIT extends LiveService {

    private static final int DRAWS = 200_000;
    /** Two-sided 1e-9 for a binomial count; with at most 6 arms and 4 policies a false alarm in fewer than 1e-7 of all runs. */
    private static final double Z = 6.11;

    @Autowired
    private JdbcClient postgres;

    @Autowired
    private Selector selector;

    @ParameterizedTest
    @ValueSource(strings = {"thompson", "top_two", "epsilon_greedy", "fixed"})
    void over_200000_draws_the_arms_counts_agree_with_the_propensities(String policy) {
        String id = experiment(6, "policy", policy, "min_allocation", 0.02);
        teach(id, new int[][] {{3, 9}, {5, 5}, {7, 4}, {1, 1}, {2, 6}, {6, 4}});
        List<String> eligible = List.of("a", "b", "c", "d", "f");
        Map<String, Integer> counts = new HashMap<>();
        Map<String, Double> propensities = new HashMap<>();
        List<CompletableFuture<Decision>> drawn = new ArrayList<>();
        for (int i = 0; i < DRAWS; i++) {
            drawn.add(selector.select(id, null, eligible));
            if (drawn.size() % 10_000 == 0) {
                drawn.getLast().join();
            }
        }
        for (CompletableFuture<Decision> next : drawn) {
            Decision decision = next.join();
            counts.merge(decision.armId(), 1, Integer::sum);
            Double known = propensities.put(decision.armId(), decision.propensity());
            assertThat(known == null || known == decision.propensity()).isTrue();
        }
        assertThat(propensities.keySet()).containsExactlyInAnyOrderElementsOf(eligible);
        assertThat(propensities.values().stream().mapToDouble(p -> p).sum()).isBetween(1 - 1e-9, 1 + 1e-9);
        propensities.forEach((arm, p) -> {
            assertThat(p).isGreaterThanOrEqualTo(0.02 - 1e-12);
            assertThat((double) counts.get(arm))
                    .isBetween(
                            DRAWS * p - Z * Math.sqrt(DRAWS * p * (1 - p)),
                            DRAWS * p + Z * Math.sqrt(DRAWS * p * (1 - p)));
        });
    }

    @Test
    void a_select_sees_a_reward_within_the_allowed_staleness() {
        String id = experiment(2);
        long before = select(id).body().get("posterior_version").asLong();
        http.post("/reward", Map.of("experiment_id", id, "arm_id", "a", "reward_id", "r"));
        await().atMost(Duration.ofSeconds(2))
                .until(() -> select(id).body().get("posterior_version").asLong() > before);
        // Beta(2,1) against Beta(1,1): P(best) is 2/3
        for (int i = 0; i < 10; i++) {
            Answer answer = select(id);
            assertThat(answer.body().get("propensity").asDouble())
                    .isCloseTo(
                            answer.text("arm_id").equals("a") ? 2.0 / 3 : 1.0 / 3,
                            org.assertj.core.data.Offset.offset(1e-6));
        }
    }

    @Test
    void a_fixed_split_gives_a_unit_the_same_arm_without_remembering_it() {
        String id = experiment(3, "policy", "fixed");
        Map<String, String> arms = new HashMap<>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 50; i++) {
                String unit = "unit " + i;
                String arm = http.post("/select", Map.of("experiment_id", id, "unit_id", unit))
                        .text("arm_id");
                assertThat(arms.putIfAbsent(unit, arm)).isIn(null, arm);
            }
        }
        assertThat(new TreeSet<>(arms.values())).containsExactly("a", "b", "c");
    }

    @Test
    void a_sticky_unit_keeps_arm_propensity_and_version_while_the_posteriors_move() {
        String id = experiment(4, "sticky_ttl", "1h");
        Answer first = http.post("/select", Map.of("experiment_id", id, "unit_id", "u"));
        String other = first.text("arm_id").equals("a") ? "b" : "a";
        teachArm(id, other, 200, 0);
        await().atMost(Duration.ofSeconds(2))
                .until(() -> select(id).text("arm_id").equals(other));

        Answer again = http.post("/select", Map.of("experiment_id", id, "unit_id", "u"));
        assertThat(again.text("arm_id")).isEqualTo(first.text("arm_id"));
        assertThat(again.body().get("propensity")).isEqualTo(first.body().get("propensity"));
        assertThat(again.body().get("posterior_version")).isEqualTo(first.body().get("posterior_version"));
        assertThat(again.text("decision_id")).isNotEqualTo(first.text("decision_id"));

        Answer excluded =
                http.post("/select", Map.of("experiment_id", id, "unit_id", "u", "eligible_arms", List.of(other, "d")));
        assertThat(excluded.text("arm_id")).isIn(other, "d");
    }

    @Test
    void every_decision_reaches_postgres_once_with_the_propensity_the_caller_was_told() {
        String id = experiment(3);
        Map<String, Double> told = new HashMap<>();
        List<Map<String, String>> requests = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            requests.add(Map.of("experiment_id", id, "unit_id", "u" + i));
        }
        int i = 0;
        for (JsonNode decision :
                http.post("/select/batch", Map.of("requests", requests)).body().get("decisions")) {
            told.put("u" + i++, decision.get("propensity").asDouble());
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> recorded(id).size() == 300);
        assertThat(recorded(id)).isEqualTo(told);
    }

    private Map<String, Double> recorded(String id) {
        Map<String, Double> recorded = new HashMap<>();
        postgres.sql("select unit_id, propensity from bandit_events where experiment_id = ? and kind = 'decision'")
                .param(id)
                .query(row -> {
                    recorded.put(row.getString(1), row.getDouble(2));
                });
        return recorded;
    }

    @Test
    void each_item_of_a_batch_is_decided_or_refused_by_itself() {
        String id = experiment(2);
        String paused = experiment(2);
        http.post("/experiments/" + paused + "/pause", null);
        JsonNode items = http.post(
                        "/select/batch",
                        Map.of(
                                "requests",
                                List.of(
                                        Map.of("experiment_id", id),
                                        Map.of("experiment_id", "nowhere"),
                                        Map.of("experiment_id", paused),
                                        Map.of("experiment_id", id, "eligible_arms", List.of("b")),
                                        Map.of("experiment_id", id, "eligible_arms", List.of("z")))))
                .body()
                .get("decisions");
        assertThat(items.get(0).has("decision_id")).isTrue();
        assertThat(items.get(1).get("error").get("status").asInt()).isEqualTo(404);
        assertThat(items.get(2).get("error").get("status").asInt()).isEqualTo(409);
        assertThat(items.get(3).get("arm_id").asString()).isEqualTo("b");
        assertThat(items.get(3).get("propensity").asDouble()).isEqualTo(1);
        assertThat(items.get(4).get("error").get("field").asString()).isEqualTo("eligible_arms[0]");
    }

    @Test
    void a_concluded_experiment_serves_its_winner_with_probability_one() {
        String id = experiment(3);
        teachArm(id, "b", 20, 0);
        assertThat(http.post("/experiments/" + id + "/conclude", null).text("winner"))
                .isEqualTo("b");
        Set<String> arms = new TreeSet<>();
        for (int i = 0; i < 20; i++) {
            Answer answer = select(id);
            arms.add(answer.text("arm_id"));
            assertThat(answer.body().get("propensity").asDouble()).isEqualTo(1);
        }
        assertThat(arms).containsExactly("b");
    }

    @Test
    void ten_thousand_arms_can_be_created_selected_and_rewarded() {
        String id = experiment(10_000);
        Answer decision = select(id);
        assertThat(decision.status()).isEqualTo(200);
        assertThat(decision.body().get("propensity").asDouble())
                .isCloseTo(1e-4, org.assertj.core.data.Offset.offset(1e-6));
        assertThat(reward(decision.text("decision_id"), 1).text("status")).isEqualTo("applied");
    }

    private void teach(String id, int[][] successesAndFailures) {
        for (int i = 0; i < successesAndFailures.length; i++) {
            teachArm(id, arm(i), successesAndFailures[i][0], successesAndFailures[i][1]);
        }
        Map<String, Integer> expected = new HashMap<>();
        for (int i = 0; i < successesAndFailures.length; i++) {
            expected.put(arm(i), successesAndFailures[i][0] + 1);
        }
        long version = http.get("/experiments/" + id + "/posterior")
                .body()
                .get("posterior_version")
                .asLong();
        await().atMost(Duration.ofSeconds(5))
                .until(() -> selector.select(id, null, null).join().posteriorVersion() >= version);
        // Nothing moves the posteriors from here on: decisions of explicit feedback teach nothing.
    }

    private void teachArm(String id, String arm, int successes, int failures) {
        List<Map<String, Object>> rewards = new ArrayList<>();
        for (int i = 0; i < successes + failures; i++) {
            rewards.add(Map.of(
                    "experiment_id", id, "arm_id", arm, "reward", i < successes ? 1 : 0, "reward_id", arm + " " + i));
        }
        http.post("/reward/batch", Map.of("rewards", rewards));
    }
}
