package dev.bandit.service.sink;

import dev.bandit.service.snapshot.SnapshotRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads back what {@link KafkaSink} wrote. */
final class KafkaTopic {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private KafkaTopic() {}

    /** All records, those of a key in their order. */
    static List<ConsumerRecord<String, String>> read(String brokers, String topic) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers, "auto.offset.reset", "earliest", "enable.auto.commit", false),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            List<ConsumerRecord<String, String>> records = new ArrayList<>();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    static SnapshotRow row(ConsumerRecord<String, String> record) {
        JsonNode json = JSON.readTree(record.value().getBytes(StandardCharsets.UTF_8));
        return new SnapshotRow(
                json.required("test_id").asString(),
                json.required("variant").asString(),
                Instant.parse(json.required("timestamp").asString()),
                json.required("alpha").doubleValue(),
                json.required("beta").doubleValue(),
                json.required("exposures_inc").longValue(),
                json.required("successes_inc").doubleValue(),
                json.required("exposures_total").longValue(),
                json.required("successes_total").doubleValue(),
                json.required("success_rate_total").isNull()
                        ? null
                        : json.required("success_rate_total").doubleValue(),
                json.required("mean").doubleValue(),
                json.required("ci_low").doubleValue(),
                json.required("ci_high").doubleValue(),
                json.required("prob_best").doubleValue(),
                json.required("expected_loss").doubleValue());
    }
}
