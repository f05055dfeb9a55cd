package dev.bandit.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.testing.Servers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KafkaServerTest {

    private final KafkaServer server = Servers.newKafka();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void what_was_acknowledged_and_the_port_survive_a_kill_and_a_clean_stop() throws Exception {
        server.start();
        var servers = server.bootstrapServers();
        try (var admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic("colours", 1, (short) 1)))
                    .all()
                    .get();
        }
        say("green");

        server.kill();
        assertThat(server.isRunning()).isFalse();
        server.start();
        say("blue");
        server.stop();
        server.start();

        assertThat(server.bootstrapServers()).isEqualTo(servers);
        assertThat(said()).containsExactly("green", "blue");
    }

    private void say(String colour) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", server.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>("colours", colour)).get();
        }
    }

    private List<String> said() {
        var partition = new TopicPartition("colours", 0);
        try (var consumer = new KafkaConsumer<>(
                new HashMap<>(Map.of("bootstrap.servers", server.bootstrapServers())),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(Set.of(partition));
            consumer.seekToBeginning(Set.of(partition));
            var all = new java.util.ArrayList<String>();
            long end = consumer.endOffsets(Set.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(one -> all.add(one.value()));
            }
            return all;
        }
    }
}
