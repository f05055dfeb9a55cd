package dev.bandit.service.totals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.testing.LiveService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Totals that were added to run by run are those of a recount, and those that plain SQL counts. */
class TotalsIT extends LiveService {

    @Autowired
    private JdbcClient postgres;

    @Autowired
    private TransactionTemplate transaction;

    @Autowired
    private RunningTotals totals;

    @Autowired
    private ExperimentRegistry experiments;

    private final SplittableRandom random = new SplittableRandom(7);

    @ParameterizedTest
    @ValueSource(strings = {"explicit", "exposure"})
    void runs_add_up_to_a_recount(String feedback) {
        String id = experiment(3, "feedback", feedback, "min_allocation", 0.05);
        long expected = 0;
        for (int round = 0; round < 6; round++) {
            expected += traffic(id);
            long events = expected;
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(count(id, "true")).isEqualTo(events));
            totals.catchUp(experiments.get(id), Duration.ofSeconds(10));
        }
        ExperimentTotals running = totals.catchUp(experiments.get(id), Duration.ofSeconds(10));
        long runs = runs(id);
        totals.catchUp(experiments.get(id), Duration.ofSeconds(10));
        assertThat(runs(id)).as("a run without events is none").isEqualTo(runs);

        for (var arm : running.arms().entrySet()) {
            String of = "arm_id = '" + arm.getKey() + "' and ";
            ArmTotals sums = arm.getValue();
            assertThat(sums.decisions()).isEqualTo(count(id, of + "kind = 'decision'"));
            assertThat(sums.rewards()).isEqualTo(count(id, of + "kind = 'reward'"));
            assertThat(sums.observations()).isEqualTo(count(id, of + "kind = 'observation'"));
            assertThat(sums.units())
                    .isEqualTo(postgres.sql("select count(distinct unit_id) from bandit_events"
                                    + " where experiment_id = ? and kind = 'decision' and arm_id = ?")
                            .params(id, arm.getKey())
                            .query(Long.class)
                            .single());
            assertThat(sums.micros() / 1e6).isCloseTo(sum(id, arm.getKey(), "reward"), within(1e-9));
            assertThat(sums.latency().mean() * sums.latency().n())
                    .isCloseTo(sum(id, arm.getKey(), "latency_ms"), within(1e-6));
        }
        assertThat(postgres.sql("select sum(decisions) from experiment_runs where experiment_id = ?")
                        .param(id)
                        .query(Long.class)
                        .single())
                .isEqualTo(count(id, "kind = 'decision'"));

        ExperimentTotals recount = totals.recount(experiments.get(id));
        assertThat(runs(id)).isEqualTo(1);
        same(recount, running);
        if (feedback.equals("explicit")) {
            assertThat(evidence(running))
                    .as("every rewarded decision is evidence, also one whose reward overtook it")
                    .isEqualTo(count(id, "kind = 'reward'"));
        }
    }

    @Test
    void an_outcome_and_its_decision_find_each_other_across_runs() {
        String id = started();
        for (int batch = 1; batch <= 4; batch++) {
            // Of five rewards one overtakes its decision, two come along with it, one comes later and one never.
            batch(
                    id,
                    10_000,
                    "2 + k % 2 = " + batch,
                    "case k % 5 when 0 then 1 when 3 then 4 when 4 then 0 else 2 + k % 2 end = " + batch);
            totals.catchUp(experiments.get(id), Duration.ofSeconds(10));
        }
        ExperimentTotals running = totals.catchUp(experiments.get(id), Duration.ofSeconds(10));
        assertThat(running.shared().evidence().trials()).containsExactly(2667L, 2666L, 2667L);
        assertThat(running.arms().values().stream().map(ArmTotals::units)).containsExactly(100L, 100L, 100L);

        ExperimentTotals recount = totals.recount(experiments.get(id));
        assertThat(runs(id)).as("all at once").isEqualTo(1);
        same(recount, running);
    }

    @Test
    void a_batch_of_any_size_is_folded_in_parts() {
        String id = started();
        batch(id, 110_000, "true", "true");
        ExperimentTotals all = totals.catchUp(experiments.get(id), Duration.ofMinutes(1));
        assertThat(evidence(all)).isEqualTo(110_000);
        assertThat(all.arms().values().stream().map(ArmTotals::units)).containsExactly(100L, 100L, 100L);
    }

    /** With a first batch, of one decision. */
    private String started() {
        String id = experiment(3);
        select(id);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(count(id, "true")).isEqualTo(1));
        return id;
    }

    /** Puts those decisions and those rewards of a number of them into the next batch, in one transaction as the relay does. */
    private void batch(String id, int number, String decisions, String rewards) {
        transaction.executeWithoutResult(status -> {
            postgres.sql("update store_state set batch = batch + 1 where experiment_id = ?")
                    .param(id)
                    .update();
            insert(id, number, "decision", decisions, "'u' || k % 300, 1, null, '{0.2,0.3,0.5}'::real[]");
            insert(id, number, "reward", rewards, "null, null, k % 7 / 10.0, null");
        });
    }

    private void insert(String id, int number, String kind, String which, String values) {
        postgres.sql("insert into bandit_events (experiment_id, event_id, kind, event_time, recorded_at, arm_id, batch,"
                        + " unit_id, definition_version, reward, propensities)"
                        + " select :id, ('00000000-0000-0001-0000-' || lpad(to_hex(k), 12, '0'))::uuid, :kind,"
                        + " (select event_time from bandit_events where experiment_id = :id and kind = 'decision' order by batch limit 1),"
                        + " now() + k * interval '1 ms', chr(97 + k % 3),"
                        + " (select batch from store_state where experiment_id = :id), " + values
                        + " from generate_series(0, " + (number - 1) + ") k where " + which)
                .param("id", id)
                .param("kind", kind)
                .update();
    }

    private static long evidence(ExperimentTotals totals) {
        return totals.shared().evidence().trials().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private static void same(ExperimentTotals found, ExperimentTotals expected) {
        assertThat(found.arms().keySet()).isEqualTo(expected.arms().keySet());
        JsonMapper json = JsonMapper.shared();
        same(json.valueToTree(found.arms()), json.valueToTree(expected.arms()), "arms");
        same(json.valueToTree(found.shared()), json.valueToTree(expected.shared()), "shared");
    }

    private static void same(JsonNode found, JsonNode expected, String where) {
        if (expected.isNumber()) {
            assertThat(found.asDouble())
                    .as(where)
                    .isCloseTo(expected.asDouble(), within(1e-12 * Math.max(1, Math.abs(expected.asDouble()))));
        } else if (expected.isContainer()) {
            assertThat(found.size()).as(where).isEqualTo(expected.size());
            if (expected.isObject()) {
                expected.propertyNames().forEach(name -> same(found.get(name), expected.get(name), where + "." + name));
            } else {
                for (int i = 0; i < expected.size(); i++) {
                    same(found.get(i), expected.get(i), where + "[" + i + "]");
                }
            }
        } else {
            assertThat(found).as(where).isEqualTo(expected);
        }
    }

    private long count(String id, String which) {
        return postgres.sql("select count(*) from bandit_events where experiment_id = ? and " + which)
                .param(id)
                .query(Long.class)
                .single();
    }

    private double sum(String id, String arm, String column) {
        return postgres.sql("select coalesce(sum(" + column
                        + "), 0) from bandit_events where experiment_id = ? and arm_id = ?")
                .params(id, arm)
                .query(Double.class)
                .single();
    }

    private long runs(String id) {
        return postgres.sql("select count(*) from experiment_runs where experiment_id = ?")
                .param(id)
                .query(Long.class)
                .single();
    }

    /** @return how many events it makes */
    private long traffic(String id) {
        List<Map<String, Object>> requests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            requests.add(Map.of("experiment_id", id, "unit_id", "u" + random.nextInt(80)));
        }
        long events = 100;
        List<Map<String, Object>> rewards = new ArrayList<>();
        for (JsonNode decision :
                http.post("/select/batch", Map.of("requests", requests)).body().get("decisions")) {
            String token = decision.get("decision_id").asString();
            if (random.nextInt(4) == 0) {
                http.post(
                        "/observe",
                        Map.of(
                                "decision_id",
                                token,
                                "latency_ms",
                                1 + 200 * random.nextDouble(),
                                "score",
                                random.nextDouble()));
                events++;
            }
            if (random.nextInt(3) > 0) {
                rewards.add(Map.of("decision_id", token, "reward", random.nextInt(101) / 100.0));
                events++;
            }
        }
        assertThat(http.post("/reward/batch", Map.of("rewards", rewards)).status())
                .isEqualTo(200);
        return events;
    }
}
