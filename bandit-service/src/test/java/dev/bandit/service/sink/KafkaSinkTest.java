package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.embedded.KafkaServer;
import dev.bandit.service.snapshot.SnapshotRow;
import dev.bandit.service.testing.Servers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class KafkaSinkTest {

    private final String posteriors = "posteriors-" + UUID.randomUUID();
    private final String metrics = "metrics-" + UUID.randomUUID();

    @Test
    void a_row_is_a_record_and_a_test_has_one_that_says_how_it_stands() throws IOException {
        String brokers = Servers.kafka().bootstrapServers();
        KafkaSink sink = sink(brokers);
        SnapshotRow a =
                new SnapshotRow("t", "a", Rows.NOON, 3, 2.5, 3, 2, 3, 0.1, 2 / 3.0, 0.1, 0.2, 0.9, 0.25, 1e-300);
        SnapshotRow b = new SnapshotRow("t", "b", Rows.NOON, 1, 1, 0, 0, 4, 0.2, null, 0.5, 0.1, 0.9, 0.75, 0.125);
        Tick tick = new Tick(Rows.NOON, List.of(a, b));
        sink.write(List.of(tick));
        sink.close();

        List<ConsumerRecord<String, String>> records = KafkaTopic.read(brokers, posteriors);
        assertThat(records).extracting(ConsumerRecord::key).containsExactlyInAnyOrder("t#a", "t#b");
        assertThat(records).extracting(KafkaTopic::row).containsExactlyInAnyOrder(a, b);
        assertThat(records).extracting(ConsumerRecord::timestamp).containsOnly(Rows.NOON.toEpochMilli());
        assertThat(KafkaTopic.read(brokers, metrics)).singleElement().satisfies(record -> {
            assertThat(record.key()).isEqualTo("t");
            assertThat(record.value())
                    .isEqualTo(
                            "{\"test_id\":\"t\",\"timestamp\":\"2026-03-01T12:00:00.000Z\",\"leader\":\"b\","
                                    + "\"prob_best\":0.75,\"expected_loss\":0.125,\"exposures_total\":7,\"successes_total\":0.3}");
        });
    }

    @Test
    void a_broker_that_is_away_fails_the_write_and_takes_the_next() throws IOException {
        KafkaServer server = Servers.newKafka().start();
        KafkaSink sink = sink(server.bootstrapServers());
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ticks.add(Rows.tick(Rows.NOON.plusSeconds(i), 2, 5));
        }
        sink.write(ticks.subList(0, 1));
        server.kill();
        assertThatThrownBy(() -> sink.write(ticks.subList(1, 2))).isInstanceOf(IOException.class);
        server.start();
        sink.write(ticks.subList(1, 2));
        sink.write(ticks.subList(2, 3));
        sink.close();

        // What came again is the same again.
        assertThat(KafkaTopic.read(server.bootstrapServers(), posteriors).stream()
                        .map(KafkaTopic::row)
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(
                        ticks.stream().flatMap(tick -> tick.rows().stream()).toList());
        server.kill();
    }

    private KafkaSink sink(String brokers) {
        return new KafkaSink(Map.of("bootstrap.servers", brokers), new SinkProperties.Kafka(posteriors, metrics));
    }
}
