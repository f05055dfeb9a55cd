package dev.bandit.service.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.problem.Problem;
import dev.bandit.service.reward.Occurrence;
import dev.bandit.service.reward.Recording;
import dev.bandit.service.reward.Reward;
import dev.bandit.service.reward.RewardRecorder;
import dev.bandit.service.testing.LiveService;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** What records mean, and that what they tell counts once: no broker here, {@link StreamIT} has one. */
class RecordsIT extends LiveService {

    private static final Instant NOW = Instant.parse("2026-11-22T15:04:05Z");

    @Autowired
    private JsonMapper json;

    @Autowired
    private ExperimentRegistry experiments;

    @Autowired
    private DecisionIds ids;

    @Autowired
    private RewardRecorder recorder;

    @Autowired
    private JdbcClient postgres;

    private String test = "";
    private EventRecords events;

    @BeforeEach
    void experiment() {
        test = experiment(2, "feedback", "exposure", "exposure_event", "Shown", "success_event", "Clicked");
        events = new EventRecords(json, experiments, Duration.ofDays(30), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @Test
    void an_exposure_and_its_success() {
        assertThat(events.read(record(event("Shown", "", "n1"))))
                .isEqualTo(new Occurrence.Exposure(test, "a", "user-17", "n1"));
        assertThat(events.read(record(event("Clicked", ", \"exposure_id\": \"n1\", \"ours\": {\"not\": 1}", "n2"))))
                .isEqualTo(new Reward.OfArm(test, "a", "user-17", 1_000_000, "n2"));
        assertThat(events.read(record(event("Clicked", ", \"value\": 0.25", "n3"))))
                .isEqualTo(new Reward.OfArm(test, "a", "user-17", 250_000, "n3"));
    }

    @Test
    void other_types_of_a_known_test_are_passed_over_whatever_they_say() {
        assertThat(events.read(record("{\"event_type\": \"Scrolled\", \"test_id\": \"" + test + "\", \"depth\": 3}")))
                .isNull();
    }

    @Test
    void the_unit_may_be_in_the_key_alone() {
        assertThat(events.read(record(event("Shown", "", "n1").replace("\"user_id\": \"user-17\", ", ""))))
                .isEqualTo(new Occurrence.Exposure(test, "a", "the-key", "n1"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"event_id\": \"n1\", |  | event_id is missing, expected a text",
                "\"event_type\": \"Shown\", |  | event_type is missing, expected a text",
                "\"timestamp\": \"2026-11-22T15:04:05.123Z\" | \"timestamp\": \"noon\" | timestamp is not a time",
                "2026-11-22T | 2026-09-22T | The event is of 2026-09-22T15:04:05.123Z, and events are taken for 30 days.",
                "\"variant\": \"a\" | \"variant\": \"z\" | variant is 'z', expected an arm of",
                "\"variant\": \"a\" | \"variant\": 1 | variant is a whole number, expected a string",
                "\"variant\": \"a\" | \"variant\": \"a\", \"value\": 1.5 | value is 1.5, expected a number from 0 to 1",
                "\"event_type\": |  | the body is not valid JSON at line 1",
            })
    void what_is_wrong_is_told(String part, String instead, String reason) {
        String value = event("Shown", "", "n1").replace(part, instead == null ? "" : instead);
        Problem poison = catchThrowableOfType(Problem.class, () -> events.read(record(value)));
        assertThat(poison.detail()).startsWith(reason);
        assertThat(poison.status()).isIn(400, 410);
    }

    @Test
    void an_unknown_test_and_an_empty_record_are_poison() {
        Problem unknown = catchThrowableOfType(
                Problem.class, () -> events.read(record(event("Shown", "", "n1").replace(test, "nowhere"))));
        assertThat(unknown.status()).isEqualTo(404);
        Problem empty =
                catchThrowableOfType(Problem.class, () -> events.read(new ConsumerRecord<>("t", 0, 0, null, null)));
        assertThat(empty.detail()).isEqualTo("the body is missing, expected a JSON object");
    }

    @Test
    void a_reward_is_what_http_takes_and_the_cloud_events_id_names_it() {
        RewardRecords rewards = new RewardRecords(json, ids);
        String value = "{\"experiment_id\": \"" + test + "\", \"arm_id\": \"b\", \"reward\": 0.5}";
        ConsumerRecord<byte[], byte[]> named = record(value);
        named.headers().add("ce_id", "c-1".getBytes(UTF_8));

        assertThat(rewards.read(named)).isEqualTo(new Reward.OfArm(test, "b", null, 500_000, "c-1"));
        Answer http = this.http.post("/reward", Map.of("experiment_id", test, "arm_id", "b", "reward", 0.5));
        assertThat(catchThrowableOfType(Problem.class, () -> rewards.read(record(value)))
                        .detail())
                .isEqualTo(http.text("detail"));
        http = this.http.post("/reward", Map.of("decision_id", "forged", "more", 1));
        assertThat(catchThrowableOfType(
                                Problem.class, () -> rewards.read(record("{\"decision_id\": \"forged\", \"more\": 1}")))
                        .detail())
                .isEqualTo(http.text("detail"));
    }

    @Test
    void exposures_and_successes_count_once_and_survive_a_rebuild() {
        List<Occurrence> batch = new ArrayList<>();
        for (int i = 0; i < 1_200; i++) {
            batch.add(new Occurrence.Exposure(test, arm(i % 2), "u" + i, "x" + i));
            if (i % 4 == 0) {
                batch.add(new Reward.OfArm(test, "a", "u" + i, i % 8 == 0 ? 1_000_000 : 250_000, "s" + i));
            }
        }
        batch.add(batch.getFirst());
        assertThat(recorder.recordAll(batch).join()).filteredOn(this::applied).hasSize(1_500);
        for (int round = 0; round < 2; round++) {
            assertThat(posterior(test, "a").get("decisions").asInt()).isEqualTo(600);
            assertThat(posterior(test, "a").get("alpha").asDouble()).isEqualTo(1 + 150 + 150 * 0.25);
            assertThat(posterior(test, "a").get("beta").asDouble()).isEqualTo(1 + 600 - 150 - 150 * 0.25);
            assertThat(posterior(test, "b").get("beta").asDouble()).isEqualTo(601);
            assertThat(recorder.recordAll(batch).join()).noneMatch(this::applied);
            Answer rebuilt = http.post("/admin/rebuild?experiment=" + test, null);
            assertThat(rebuilt.body().get("experiments").get(0).get("ok").asBoolean())
                    .as(rebuilt.toString())
                    .isTrue();
        }
        assertThat(postgres.sql(
                                "select count(distinct unit_id) from bandit_events where experiment_id = ? and kind = 'decision'")
                        .param(test)
                        .query(Integer.class)
                        .single())
                .isEqualTo(1_200);
        assertThat(recorder.recordAll(List.of(new Occurrence.Exposure(test, "b", "u0", "x0")))
                        .join())
                .singleElement()
                .isInstanceOfSatisfying(
                        Recording.Refused.class,
                        refused -> assertThat(refused.problem().status()).isEqualTo(409));
    }

    @Test
    void exposures_move_nothing_under_explicit_feedback_and_open_no_window() {
        for (String feedback : List.of("explicit", "window")) {
            String id = feedback.equals("window")
                    ? experiment(2, "feedback", feedback, "window", "1s")
                    : experiment(2, "feedback", feedback);
            recorder.recordAll(List.of(
                            new Occurrence.Exposure(id, "a", "u", "x"),
                            new Reward.OfArm(id, "a", "u", 1_000_000, "s"),
                            new Reward.OfArm(id, "b", "u", 0, "f")))
                    .join();
            http.post("/admin/rebuild?experiment=" + id, null);
            assertThat(posterior(id, "a").get("decisions").asInt()).isEqualTo(1);
            assertThat(posterior(id, "a").get("alpha").asDouble()).isEqualTo(2);
            assertThat(posterior(id, "a").get("beta").asDouble()).isEqualTo(1);
            assertThat(posterior(id, "b").get("beta").asDouble()).isEqualTo(2);
        }
    }

    @Test
    void ledger_acknowledged_exposures_are_in_postgres_when_the_batch_is_done() {
        String id = experiment(2, "feedback", "exposure", "reward_ack", "ledger");
        recorder.recordAll(List.of(
                        new Occurrence.Exposure(id, "a", "u", "x"), new Reward.OfArm(id, "a", "u", 1_000_000, "s")))
                .join();
        assertThat(postgres.sql("select count(*) from bandit_events where experiment_id = ?")
                        .param(id)
                        .query(Integer.class)
                        .single())
                .isEqualTo(2);
    }

    private boolean applied(Recording recording) {
        return recording instanceof Recording.Done done && !done.recorded().duplicate();
    }

    private String event(String type, String more, String id) {
        return "{\"event_id\": \"" + id + "\", \"event_type\": \"" + type + "\", \"test_id\": \"" + test
                + "\", \"variant\": \"a\", \"user_id\": \"user-17\", \"timestamp\": \"2026-11-22T15:04:05.123Z\""
                + more + "}";
    }

    private static ConsumerRecord<byte[], byte[]> record(String value) {
        return new ConsumerRecord<>("t", 0, 0, "the-key".getBytes(UTF_8), value.getBytes(UTF_8));
    }
}
