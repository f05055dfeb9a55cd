package dev.bandit.service.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.KafkaServer;
import dev.bandit.service.embedded.RedisServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The service on a real broker, a Redis of its own and Postgres: what comes is counted once, whatever ends meanwhile.
 * {@code bench/stream.sh} runs it with more events.
 */
class StreamIT {

    private static final Logger log = LoggerFactory.getLogger(StreamIT.class);
    private static final int EVENTS = Integer.getInteger("bandit.stream.events", 20_000);
    private static final long SEED = Long.getLong("bandit.stream.seed", 20261122L);
    private static final String TEST = "button-color-test";

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final RedisServer redis = Servers.newRedis(Fsync.EVERYSEC).start();
    private final KafkaServer kafka = Servers.newKafka().start();
    private final Servers.Database database = Servers.freshDatabase();
    private final String name = "s" + UUID.randomUUID().toString().substring(0, 8);
    private final String events = name + "-events";
    private final String rewards = name + "-rewards";
    private final KafkaProducer<String, String> producer = new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "5"),
            new StringSerializer(),
            new StringSerializer());

    @AfterEach
    void close() {
        producer.close();
        redis.close();
        kafka.close();
    }

    @Test
    void rewards_are_those_of_http_and_what_is_wrong_becomes_a_dead_letter_with_its_reason() {
        ServiceProcess service = service().start();
        experiment(service, "explicit");
        Answer decision = service.client().post("/select", Map.of("experiment_id", TEST));
        String value = "{\"decision_id\": \"" + decision.text("decision_id") + "\", \"reward\": 1}";
        topicsAreMade(service);

        producer.send(new ProducerRecord<>(rewards, TEST, value));
        producer.send(new ProducerRecord<>(rewards, TEST, value));
        producer.send(new ProducerRecord<>(rewards, TEST, value.replace(": 1}", ": 0}")));
        ProducerRecord<String, String> named = new ProducerRecord<>(
                rewards, TEST, "{\"experiment_id\": \"" + TEST + "\", \"arm_id\": \"control\", \"reward\": 0.5}");
        named.headers().add("ce_id", "c-1".getBytes(UTF_8));
        producer.send(named);
        producer.send(new ProducerRecord<>(rewards, "the key", "{\"reward\": 1"));
        producer.flush();

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(records(service, rewards, "applied")).isEqualTo(2);
            assertThat(records(service, rewards, "duplicate")).isEqualTo(1);
            assertThat(records(service, rewards, "conflict")).isEqualTo(1);
            assertThat(records(service, rewards, "poison")).isEqualTo(1);
            assertThat(service.client().metric("bandit_stream_lag{topic=\"" + rewards + "\"}"))
                    .isZero();
        });
        assertThat(service.client().metric("bandit_stream_lag{topic=\"" + events + "\"}"))
                .isZero();
        assertThat(deadLetters(rewards)).singleElement().satisfies(letter -> {
            assertThat(letter.key).isEqualTo("the key");
            assertThat(letter.value).isEqualTo("{\"reward\": 1");
            assertThat(letter.reason).startsWith("the body is not valid JSON at line 1");
        });
    }

    /**
     * Five in a hundred events come again, one in a thousand is poison. In the middle Redis is away, the service is killed and comes back, a
     * second one joins, and the broker is killed and comes back.
     */
    @Test
    void totals_equal_a_plain_recount_whatever_ends_meanwhile() throws Exception {
        ServiceProcess service = service().start();
        experiment(service, "exposure");
        topicsAreMade(service);
        Source source = new Source();
        long begun = System.nanoTime();

        source.send(EVENTS * 2 / 10);
        redis.stop();
        source.send(EVENTS / 10);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(service.client().metric("bandit_stream_paused{topic=\"" + events + "\"}"))
                                .isEqualTo(1));
        redis.start();
        source.send(EVENTS * 2 / 10);
        service.kill9();
        source.send(EVENTS / 10);
        service.start();
        source.send(EVENTS / 10);
        ServiceProcess second = service().launch();
        source.send(EVENTS * 2 / 10);
        second.awaitReady();
        kafka.kill();
        kafka.start();
        source.send(EVENTS - source.sent);
        producer.flush();

        await().atMost(Duration.ofSeconds(90 + EVENTS / 2_000))
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    assertThat(service.client().metric("bandit_stream_lag{topic=\"" + events + "\"}"))
                            .isZero();
                    assertThat(counted(service)).isEqualTo(source.expected());
                });
        log.info(
                "{} events, {} of them poison, with faults in {} s",
                EVENTS,
                source.poison.size(),
                (System.nanoTime() - begun) / 1_000_000_000);

        JsonNode audit = service.client().post("/admin/audit", null).body();
        assertThat(audit.get("ok").asBoolean()).as(audit.toString()).isTrue();
        assertThat(deadLetters(events).stream().map(Letter::keyAndValue).toList())
                .containsExactlyInAnyOrderElementsOf(source.poison);
        assertThat(deadLetters(events))
                .allSatisfy(letter -> assertThat(letter.reason).isNotEmpty());
    }

    private ServiceProcess service() {
        return services.service(
                redis.url(),
                database,
                "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                "--spring.kafka.consumer.properties.session.timeout.ms=6000",
                "--bandit.kafka.events-topic=" + events,
                "--bandit.kafka.rewards-topic=" + rewards,
                "--bandit.kafka.group-id=" + name,
                "--bandit.kafka.measure=1s");
    }

    private static void experiment(ServiceProcess service, String feedback) {
        assertThat(service.client()
                        .put(
                                "/experiments/" + TEST,
                                Map.of(
                                        "feedback",
                                        feedback,
                                        "exposure_event",
                                        "ButtonDisplayed",
                                        "success_event",
                                        "ButtonClicked",
                                        "variants",
                                        List.of(Map.of("name", "control"), Map.of("name", "treatment"))))
                        .status())
                .isEqualTo(201);
    }

    private void topicsAreMade(ServiceProcess service) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> service.output().contains("made the topic " + events + "-dlt"));
    }

    private static double records(ServiceProcess service, String topic, String outcome) {
        return service.client()
                .metric("bandit_stream_records_total{outcome=\"" + outcome + "\",topic=\"" + topic + "\"}");
    }

    /** Alpha and beta of each arm. */
    private static Map<String, List<Double>> counted(ServiceProcess service) {
        Map<String, List<Double>> arms = new HashMap<>();
        for (JsonNode arm : service.client()
                .get("/experiments/" + TEST + "/posterior")
                .body()
                .get("arms")) {
            arms.put(
                    arm.get("arm_id").asString(),
                    List.of(arm.get("alpha").asDouble(), arm.get("beta").asDouble()));
        }
        return arms;
    }

    private record Letter(String key, String value, String reason) {
        String keyAndValue() {
            return key + " " + value;
        }
    }

    private List<Letter> deadLetters(String topic) {
        try (KafkaConsumer<String, String> reader = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = reader.partitionsFor(topic + "-dlt").stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            long left = reader.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            List<Letter> letters = new ArrayList<>();
            while (letters.size() < left) {
                reader.poll(Duration.ofSeconds(1))
                        .forEach(letter -> letters.add(new Letter(
                                letter.key(),
                                letter.value(),
                                new String(
                                        letter.headers()
                                                .lastHeader("bandit-reason")
                                                .value(),
                                        UTF_8))));
            }
            return letters;
        }
    }

    /** Makes events, and counts them in the plainest way. */
    private final class Source {

        private static final int REMEMBERED = 1_000;

        private final Random random = new Random(SEED);
        private final String time = Instant.now().toString();
        private final List<ProducerRecord<String, String>> earlier = new ArrayList<>();
        private final List<String> poison = new ArrayList<>();
        private final Map<String, long[]> counts = Map.of("control", new long[2], "treatment", new long[2]);
        private int sent;

        void send(int count) {
            for (int i = 0; i < count; i++) {
                producer.send(next());
                sent++;
            }
            producer.flush();
        }

        private ProducerRecord<String, String> next() {
            double kind = random.nextDouble();
            String unit = "user-" + random.nextInt(100_000);
            if (kind < 0.001) {
                String value = switch (random.nextInt(4)) {
                    case 0 -> "{\"event_id\": \"" + id();
                    case 1 -> event("ButtonDisplayed", "purple", unit, "");
                    case 2 -> event("ButtonClicked", "control", unit, ", \"value\": 7");
                    default -> event("ButtonDisplayed", "control", unit, "").replace(TEST, "nowhere");
                };
                poison.add(unit + " " + value);
                return new ProducerRecord<>(events, unit, value);
            }
            if (kind < 0.051 && !earlier.isEmpty()) {
                return earlier.get(random.nextInt(earlier.size()));
            }
            String arm = random.nextBoolean() ? "control" : "treatment";
            boolean success = random.nextDouble() < (arm.equals("control") ? 0.2 : 0.3);
            counts.get(arm)[success ? 1 : 0]++;
            ProducerRecord<String, String> made = new ProducerRecord<>(
                    events, unit, event(success ? "ButtonClicked" : "ButtonDisplayed", arm, unit, ""));
            if (earlier.size() < REMEMBERED) {
                earlier.add(made);
            } else {
                earlier.set(random.nextInt(REMEMBERED), made);
            }
            return made;
        }

        private String id() {
            return new UUID(random.nextLong(), random.nextLong()).toString();
        }

        private String event(String type, String arm, String unit, String more) {
            return "{\"event_id\":\"" + id() + "\",\"event_type\":\"" + type + "\",\"test_id\":\"" + TEST
                    + "\",\"variant\":\"" + arm + "\",\"user_id\":\"" + unit + "\",\"timestamp\":\"" + time + "\""
                    + more + "}";
        }

        Map<String, List<Double>> expected() {
            Map<String, List<Double>> expected = new HashMap<>();
            counts.forEach((arm, count) ->
                    expected.put(arm, List.of(1.0 + count[1], 1.0 + Math.max(count[0] - count[1], 0))));
            return expected;
        }
    }
}
