package dev.bandit.service.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.testing.LiveService;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

class RewardIT extends LiveService {

    @Autowired
    private StringRedisTemplate redis;

    @Autowired
    private JdbcClient postgres;

    @Test
    void a_reward_moves_its_arm_once_however_often_it_is_sent() {
        String id = experiment(2);
        Answer decision = select(id);
        String arm = decision.text("arm_id");

        assertThat(reward(decision.text("decision_id"), 1).text("status")).isEqualTo("applied");
        assertThat(reward(decision.text("decision_id"), 1).text("status")).isEqualTo("duplicate");

        assertThat(redis.opsForValue().get("experiment:{" + id + "}:arm:" + arm + ":alpha"))
                .isEqualTo("2");
        assertThat(redis.opsForValue().get("experiment:{" + id + "}:arm:" + arm + ":beta"))
                .isEqualTo("1");
        assertThat(posterior(id, arm).get("rewards").asInt()).isEqualTo(1);
    }

    @Test
    void the_same_decision_with_another_reward_is_a_conflict_and_counts_nothing() {
        String id = experiment(2);
        String decision = select(id).text("decision_id");
        reward(decision, 0.25);

        for (double other : new double[] {0, 1, 0.250001}) {
            Answer conflict = reward(decision, other);
            assertThat(conflict.status()).isEqualTo(409);
            assertThat(conflict.text("field")).isEqualTo("reward");
        }
        assertThat(total(id, "alpha")).isEqualTo(2.25);
        assertThat(total(id, "beta")).isEqualTo(2.75);
    }

    @Test
    void fractions_add_up_to_the_last_millionth_in_any_order() {
        String id = experiment(2);
        int[] micros = {1, 333_333, 999_999, 500_000, 123_456, 7};
        for (int i = 0; i < 30; i++) {
            http.post(
                    "/reward",
                    Map.of("experiment_id", id, "arm_id", "a", "reward", micros[i % 6] / 1e6, "reward_id", "r" + i));
        }
        // 5 * (1 + 333333 + 999999 + 500000 + 123456 + 7) = 9783980 millionths of 30
        assertThat(redis.opsForValue().get("experiment:{" + id + "}:arm:a:alpha"))
                .isEqualTo("10.78398");
        assertThat(redis.opsForValue().get("experiment:{" + id + "}:arm:a:beta"))
                .isEqualTo("21.21602");
    }

    @Test
    void a_named_reward_counts_once_and_another_arm_or_value_under_the_name_conflicts() {
        String id = experiment(2);
        Map<String, Object> reward = Map.of("experiment_id", id, "arm_id", "a", "reward", 1, "reward_id", "order 17 é");

        assertThat(http.post("/reward", reward).text("status")).isEqualTo("applied");
        assertThat(http.post("/reward", reward).text("status")).isEqualTo("duplicate");
        assertThat(http.post(
                                "/reward",
                                Map.of("experiment_id", id, "arm_id", "b", "reward", 1, "reward_id", "order 17 é"))
                        .status())
                .isEqualTo(409);
        assertThat(total(id, "alpha")).isEqualTo(3);
        assertThat(total(id, "beta")).isEqualTo(2);
    }

    @Test
    void of_many_equal_rewards_at_once_one_is_applied() throws Exception {
        String id = experiment(2);
        List<String> decisions = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            decisions.add(select(id).text("decision_id"));
        }
        List<Callable<Answer>> calls = new ArrayList<>();
        for (int copy = 0; copy < 10; copy++) {
            for (String decision : decisions) {
                calls.add(() -> reward(decision, 1));
            }
        }
        int applied = 0;
        try (var threads = Executors.newFixedThreadPool(16)) {
            for (var answer : threads.invokeAll(calls)) {
                assertThat(answer.get().status()).isEqualTo(200);
                applied += answer.get().text("status").equals("applied") ? 1 : 0;
            }
        }
        assertThat(applied).isEqualTo(20);
        assertThat(total(id, "alpha") + total(id, "beta")).isEqualTo(24);
    }

    @Test
    void a_batch_says_of_each_item_what_became_of_it() {
        String id = experiment(2);
        String first = select(id).text("decision_id");
        String second = select(id).text("decision_id");
        Answer answer = http.post(
                "/reward/batch",
                Map.of(
                        "rewards",
                        List.of(
                                Map.of("decision_id", first),
                                Map.of("decision_id", first),
                                Map.of("decision_id", first, "reward", 0),
                                Map.of("decision_id", "x" + second.substring(1)),
                                Map.of("decision_id", second, "reward", 0),
                                Map.of("experiment_id", "nowhere", "arm_id", "a", "reward_id", "r"))));

        List<String> results = new ArrayList<>();
        for (JsonNode result : answer.body().get("results")) {
            results.add(
                    result.has("status")
                            ? result.get("status").asString()
                            : result.get("error").get("status").asString());
        }
        assertThat(results).containsExactly("applied", "duplicate", "409", "400", "applied", "404");
    }

    @Test
    void with_exposure_feedback_a_decision_is_a_failure_until_its_success_arrives() {
        String id = experiment(2, "feedback", "exposure");
        List<Answer> decisions = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            decisions.add(select(id));
        }
        assertThat(total(id, "alpha")).isEqualTo(2);
        assertThat(total(id, "beta")).isEqualTo(12);

        for (Answer decision : decisions.subList(0, 3)) {
            reward(decision.text("decision_id"), 1);
        }
        reward(decisions.get(3).text("decision_id"), 0.5);

        assertThat(total(id, "alpha")).isEqualTo(5.5);
        assertThat(total(id, "beta")).isEqualTo(8.5);
    }

    @Test
    void with_window_feedback_silence_is_a_failure_once_and_what_comes_later_is_not_learned_from() {
        String id = experiment(2, "feedback", "window", "window", "1s");
        String rewarded = select(id).text("decision_id");
        String silent = select(id).text("decision_id");
        String late = select(id).text("decision_id");
        assertThat(reward(rewarded, 1).text("status")).isEqualTo("applied");
        assertThat(total(id, "alpha") + total(id, "beta")).isEqualTo(5);

        await().atMost(Duration.ofSeconds(10)).until(() -> total(id, "beta") == 4);

        Answer answer = reward(late, 1);
        assertThat(answer.text("status")).isEqualTo("applied");
        assertThat(answer.body().get("late").asBoolean()).isTrue();
        assertThat(reward(late, 1).text("status")).isEqualTo("duplicate");
        assertThat(reward(late, 0.5).status()).isEqualTo(409);
        assertThat(total(id, "alpha")).isEqualTo(3);
        assertThat(total(id, "beta")).isEqualTo(4);

        await().atMost(Duration.ofSeconds(10)).until(() -> kinds(id, "late") == 1 && kinds(id, "matured") == 2);
        assertThat(kinds(id, "reward")).isEqualTo(1);
        assertThat(silent).isNotEqualTo(late);
        assertThat(http.post("/admin/audit?experiment=" + id, null)
                        .body()
                        .get("ok")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void a_ledger_acknowledgement_means_that_postgres_has_it() {
        String id = experiment(2, "reward_ack", "ledger");
        for (int i = 0; i < 5; i++) {
            assertThat(reward(select(id).text("decision_id"), 1).text("status")).isEqualTo("applied");
            assertThat(kinds(id, "reward")).isEqualTo(i + 1);
        }
    }

    /** A layout under way for one definition does not stand for the next. */
    @Test
    void posteriors_are_told_right_after_each_of_many_changes() {
        String id = experiment(3);
        for (int i = 1; i <= 40; i++) {
            http.put(
                    "/experiments/" + id,
                    Map.of(
                            "prior",
                            Map.of("alpha", i, "beta", 1),
                            "variants",
                            List.of(Map.of("name", "a"), Map.of("name", "b"))));
            assertThat(posterior(id, "a").get("alpha").asDouble()).isEqualTo(i);
        }
    }

    @Test
    void an_arm_keeps_what_it_learned_while_it_is_out_of_the_definition() {
        String id = experiment(3);
        http.post("/reward", Map.of("experiment_id", id, "arm_id", "c", "reward_id", "r"));
        http.put("/experiments/" + id, Map.of("variants", List.of(Map.of("name", "a"), Map.of("name", "b"))));
        http.put(
                "/experiments/" + id,
                Map.of(
                        "prior",
                        Map.of("alpha", 2, "beta", 0.5),
                        "variants",
                        List.of(Map.of("name", "a"), Map.of("name", "b"), Map.of("name", "c"))));

        assertThat(posterior(id, "c").get("alpha").asDouble()).isEqualTo(3);
        assertThat(posterior(id, "c").get("beta").asDouble()).isEqualTo(0.5);
        assertThat(posterior(id, "a").get("alpha").asDouble()).isEqualTo(2);
    }

    /** Of the definition's arms, as Redis has them. */
    private double total(String id, String parameter) {
        double sum = 0;
        for (JsonNode arm : http.get("/experiments/" + id + "/posterior").body().get("arms")) {
            sum += arm.get(parameter).asDouble();
        }
        return sum;
    }

    private long kinds(String id, String kind) {
        return postgres.sql("select count(*) from bandit_events where experiment_id = ? and kind = ?")
                .params(id, kind)
                .query(Long.class)
                .single();
    }
}
