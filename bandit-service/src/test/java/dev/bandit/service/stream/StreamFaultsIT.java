package dev.bandit.service.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.PostgresServer;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;

/** One thing at a time goes wrong with what comes from a broker: what is acknowledged has been done, and the partition goes on. */
@Timeout(300)
class StreamFaultsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String TEST = "button";
    private static final int MEGABYTE = 1 << 20;

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final String brokers = Servers.kafka().bootstrapServers();
    private final String name = "f" + UUID.randomUUID().toString().substring(0, 8);
    private final String events = name + "-events";
    private final Admin admin = Admin.create(Map.of("bootstrap.servers", brokers));
    private final KafkaProducer<String, String> producer = new KafkaProducer<>(
            Map.of("bootstrap.servers", brokers, "max.request.size", 4 * MEGABYTE),
            new StringSerializer(),
            new StringSerializer());

    @AfterEach
    void close() {
        producer.close();
        admin.close();
    }

    @Test
    void ledger_records_are_acknowledged_when_postgres_has_them_and_are_there_once() throws Exception {
        try (PostgresServer postgres = Servers.newPostgres().start()) {
            Database database = Servers.database(postgres);
            JdbcTemplate ledger = new JdbcTemplate(
                    new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()));
            ServiceProcess service = service(database).start();
            experiment(service, "ledger");
            int sent = send(200);
            awaitAcknowledged(sent);
            assertThat(inLedger(ledger)).isEqualTo(sent);

            postgres.stop();
            int more = send(300);
            await().atMost(PATIENCE).untilAsserted(() -> {
                assertThat(paused(service)).isEqualTo(1);
                // Redis has counted those that were read, which is not enough.
                assertThat(decisions(service)).isGreaterThan(sent);
            });
            assertThat(acknowledged()).isEqualTo(sent);
            postgres.start();
            awaitAcknowledged(sent + more);
            assertThat(inLedger(ledger)).isEqualTo(sent + more);
            await().atMost(PATIENCE).until(() -> paused(service) == 0);

            // The service dies meanwhile, and the next one gets the same records.
            postgres.stop();
            int last = send(100);
            await().atMost(PATIENCE).until(() -> decisions(service) > sent + more);
            service.kill9();
            assertThat(acknowledged()).isEqualTo(sent + more);
            postgres.start();
            service.start();
            awaitAcknowledged(sent + more + last);
            assertThat(inLedger(ledger)).isEqualTo(sent + more + last);
            assertThat(decisions(service)).isEqualTo(sent + more + last);
            JsonNode audit = service.client().post("/admin/audit", null).body();
            assertThat(audit.get("ok").asBoolean()).as(audit.toString()).isTrue();
            service.stop();
        }
    }

    @Test
    void poison_too_large_for_the_dead_letters_leaves_what_fits_and_the_partition_goes_on() throws Exception {
        String huge = "x".repeat(2 * MEGABYTE);
        topic(events, Map.of("max.message.bytes", "" + 4 * MEGABYTE));
        topic(events + "-dlt", Map.of());
        ServiceProcess service = service(Servers.freshDatabase()).start();
        experiment(service, "store");

        producer.send(new ProducerRecord<>(events, "small key", huge));
        producer.send(new ProducerRecord<>(events, huge, "small value"));
        ProducerRecord<String, String> headed = new ProducerRecord<>(events, "key", "value");
        headed.headers().add("more", huge.getBytes(UTF_8));
        producer.send(headed);
        awaitAcknowledged(3 + send(10));

        assertThat(decisions(service)).isEqualTo(10);
        assertThat(letters())
                .satisfiesExactlyInAnyOrder(
                        valueless -> {
                            assertThat(valueless.key()).isEqualTo("small key");
                            assertThat(valueless.value()).isNull();
                            assertThat(reason(valueless))
                                    .startsWith("the body is not valid JSON")
                                    .endsWith(" (The value was too large to be kept here.)");
                        },
                        StreamFaultsIT::isOriginAlone,
                        StreamFaultsIT::isOriginAlone);
    }

    @Test
    void dead_letters_that_have_no_room_at_all_are_logged_and_the_partition_goes_on() throws Exception {
        topic(events, Map.of());
        topic(events + "-dlt", Map.of("max.message.bytes", "100"));
        ServiceProcess service = service(Servers.freshDatabase()).start();
        experiment(service, "store");

        producer.send(new ProducerRecord<>(events, "key", "value"));
        awaitAcknowledged(1 + send(10));

        assertThat(decisions(service)).isEqualTo(10);
        assertThat(letters()).isEmpty();
        assertThat(service.output()).contains(events + "-0 offset 0 has no dead letter");
    }

    private static void isOriginAlone(ConsumerRecord<String, String> letter) {
        assertThat(letter.key()).isNull();
        assertThat(letter.value()).isNull();
        assertThat(letter.headers().lastHeader("more")).isNull();
        assertThat(letter.headers().lastHeader("kafka_dlt-original-offset")).isNotNull();
        assertThat(reason(letter)).endsWith(" (Key, value and headers were too large to be kept here.)");
    }

    private ServiceProcess service(Database database) {
        return services.service(
                Servers.freshRedis(),
                database,
                "--spring.kafka.bootstrap-servers=" + brokers,
                "--spring.kafka.consumer.properties.session.timeout.ms=6000",
                "--bandit.kafka.events-topic=" + events,
                "--bandit.kafka.rewards-topic=" + name + "-rewards",
                "--bandit.kafka.group-id=" + name);
    }

    private static void experiment(ServiceProcess service, String acknowledgement) {
        Map<String, Object> definition = Map.of(
                "feedback", "exposure",
                "exposure_event", "Shown",
                "success_event", "Clicked",
                "reward_ack", acknowledgement,
                "variants", List.of(Map.of("name", "a"), Map.of("name", "b")));
        assertThat(service.client().put("/experiments/" + TEST, definition).status())
                .isEqualTo(201);
    }

    /** One partition, so that what comes after a record waits for it. */
    private void topic(String topic, Map<String, String> settings) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty()).configs(settings)))
                .all()
                .get();
    }

    /** Sends so many exposures, each with a name of its own. */
    private int send(int count) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> !admin.describeTopics(List.of(events))
                        .allTopicNames()
                        .get()
                        .isEmpty());
        for (int i = 0; i < count; i++) {
            producer.send(
                    new ProducerRecord<>(events, "user-" + i, """
                    {"event_id":"%s","event_type":"Shown","test_id":"button","variant":"a","user_id":"user-%d","timestamp":"%s"}""".formatted(UUID.randomUUID(), i, Instant.now())));
        }
        producer.flush();
        return count;
    }

    private void awaitAcknowledged(int count) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(acknowledged()).isEqualTo(count));
    }

    /** How many records the group's committed offsets are past. */
    private long acknowledged() throws Exception {
        return admin.listConsumerGroupOffsets(name).partitionsToOffsetAndMetadata().get().entrySet().stream()
                .filter(entry -> entry.getKey().topic().equals(events) && entry.getValue() != null)
                .mapToLong(entry -> entry.getValue().offset())
                .sum();
    }

    private static long inLedger(JdbcTemplate ledger) {
        return ledger.queryForObject("select count(*) from bandit_events where experiment_id = ?", Long.class, TEST);
    }

    private double paused(ServiceProcess service) {
        return service.client().metric("bandit_stream_paused{topic=\"" + events + "\"}");
    }

    private static int decisions(ServiceProcess service) {
        int decisions = 0;
        for (JsonNode arm : service.client()
                .get("/experiments/" + TEST + "/posterior")
                .body()
                .get("arms")) {
            decisions += arm.get("decisions").asInt();
        }
        return decisions;
    }

    private static String reason(ConsumerRecord<String, String> letter) {
        return new String(letter.headers().lastHeader("bandit-reason").value(), UTF_8);
    }

    private List<ConsumerRecord<String, String>> letters() {
        try (KafkaConsumer<String, String> reader = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers), new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(events + "-dlt", 0);
            reader.assign(List.of(partition));
            reader.seekToBeginning(List.of(partition));
            long end = reader.endOffsets(List.of(partition)).get(partition);
            List<ConsumerRecord<String, String>> letters = new ArrayList<>();
            while (reader.position(partition) < end) {
                reader.poll(Duration.ofSeconds(1)).forEach(letters::add);
            }
            return letters;
        }
    }
}
