package dev.bandit.service.stream;

import dev.bandit.service.decision.DecisionId;
import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.embedded.KafkaServer;
import dev.bandit.service.reward.Recorded;
import dev.bandit.service.reward.Recording;
import dev.bandit.service.testing.Servers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The listener, its container and its acknowledgements beside a plain consumer that reads the same records with the same reader and commits
 * each poll; what is read is not counted. One thread each.
 */
public final class ListenerBench {

    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int RECORDS = Integer.getInteger("bench.records", 1_000_000);
    private static final String TOPIC = "bench-rewards";
    private static final DecisionIds IDS = new DecisionIds(new byte[32], List.of());

    private ListenerBench() {}

    /** Fills a topic, has it read in turns, and prints the rates and their ratio. */
    public static void run() throws Exception {
        RecordReader reader = new RewardRecords(
                JsonMapper.builder()
                        .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                        .build(),
                IDS);
        for (boolean named : List.of(false, true)) {
            try (KafkaServer kafka = Servers.newKafka().start()) {
                fill(kafka, named);
                List<Double> plain = new ArrayList<>();
                List<Double> listener = new ArrayList<>();
                for (int round = -1; round < ROUNDS; round++) {
                    double bare = plain(kafka, reader);
                    double ours = listener(kafka, reader);
                    if (round >= 0) {
                        plain.add(bare);
                        listener.add(ours);
                    }
                }
                List<Double> ratios = new ArrayList<>();
                for (int round = 0; round < ROUNDS; round++) {
                    ratios.add(listener.get(round) / plain.get(round));
                }
                System.out.printf(
                        Locale.ROOT,
                        "%nrewards %s: plain consumer %.0f records/s %s, listener %.0f %s, ratio %.2f%n",
                        named ? "named" : "of decisions",
                        median(plain),
                        plain.stream().map(Math::round).toList(),
                        median(listener),
                        listener.stream().map(Math::round).toList(),
                        median(ratios));
            }
        }
    }

    private static void fill(KafkaServer kafka, boolean named) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 4, (short) 1), new NewTopic(TOPIC + "-dlt", 4, (short) 1)))
                    .all()
                    .get();
        }
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "linger.ms", "20", "batch.size", "131072"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            Instant now = Instant.now();
            String run = UUID.randomUUID().toString();
            for (int n = 0; n < RECORDS; n++) {
                String what = named
                        ? "\"experiment_id\":\"e\",\"arm_id\":\"arm-" + n % 10 + "\",\"reward_id\":\"" + run + n + "\""
                        : "\"decision_id\":\"" + IDS.encode(new DecisionId(7, n, "e", "arm-" + n % 10, now, 0.1, 1))
                                + "\"";
                producer.send(new ProducerRecord<>(TOPIC, ("{" + what + ",\"reward\":1}").getBytes()));
            }
        }
    }

    private static Map<String, Object> settings(KafkaServer kafka) {
        return new HashMap<>(Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "group.id",
                UUID.randomUUID().toString(),
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false,
                "max.poll.records",
                2_000,
                "key.deserializer",
                ByteArrayDeserializer.class,
                "value.deserializer",
                ByteArrayDeserializer.class));
    }

    /** Records a second, from the first to the last. */
    private static double plain(KafkaServer kafka, RecordReader reader) {
        try (var consumer = new KafkaConsumer<byte[], byte[]>(settings(kafka))) {
            consumer.subscribe(List.of(TOPIC));
            int read = 0;
            long start = 0;
            while (read < RECORDS) {
                var polled = consumer.poll(Duration.ofMillis(100));
                if (start == 0 && !polled.isEmpty()) {
                    start = System.nanoTime();
                }
                for (ConsumerRecord<byte[], byte[]> record : polled) {
                    if (reader.read(record) != null) {
                        read++;
                    }
                }
                consumer.commitSync();
            }
            return RECORDS / ((System.nanoTime() - start) / 1e9);
        }
    }

    private static double listener(KafkaServer kafka, RecordReader reader) throws InterruptedException {
        var consumers = new DefaultKafkaConsumerFactory<byte[], byte[]>(settings(kafka));
        var producers = new DefaultKafkaProducerFactory<byte[], byte[]>(Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "key.serializer",
                ByteArraySerializer.class,
                "value.serializer",
                ByteArraySerializer.class));
        var letters = new DeadLetters(producers, consumers, "bench");
        AtomicLong start = new AtomicLong();
        AtomicLong read = new AtomicLong();
        CountDownLatch all = new CountDownLatch(1);
        Recording done = new Recording.Done(new Recorded("e", "arm-1", false, false));
        var listener = new TopicListener(
                TOPIC,
                record -> {
                    start.compareAndSet(0, System.nanoTime());
                    return reader.read(record);
                },
                occurrences -> {
                    if (read.addAndGet(occurrences.size()) == RECORDS) {
                        all.countDown();
                    }
                    return CompletableFuture.completedFuture(Collections.nCopies(occurrences.size(), done));
                },
                letters,
                new StreamMetrics(new SimpleMeterRegistry(), TOPIC));
        var properties = new StreamProperties(
                TOPIC, "nothing", "nothing else", UUID.randomUUID().toString(), 1, false, Duration.ofSeconds(5));
        var streams = new Streams(properties, Map.of(), consumers, Map.of(TOPIC, listener));
        streams.start();
        all.await();
        double seconds = (System.nanoTime() - start.get()) / 1e9;
        streams.stop();
        letters.close();
        producers.destroy();
        return RECORDS / seconds;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
