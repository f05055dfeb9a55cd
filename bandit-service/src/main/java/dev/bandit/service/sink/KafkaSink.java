package dev.bandit.service.sink;

import dev.bandit.service.snapshot.SnapshotRow;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A record a row, and a record a tick and test of how the test stands. After a failure records come again, the same to the last digit:
 * a reader that keeps one a key and timestamp has each once.
 */
final class KafkaSink implements Sink {

    private static final Logger log = LoggerFactory.getLogger(KafkaSink.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int REQUEST_MS = 3_000;
    private static final int DELIVERY_MS = 10_000;

    private final Map<String, Object> clients;
    private final SinkProperties.Kafka settings;
    private @Nullable Producer<String, byte[]> producer;

    /** @param clients how Kafka's clients are to be set up: where the brokers are, and how to log in there */
    KafkaSink(Map<String, Object> clients, SinkProperties.Kafka settings) {
        this.clients = clients;
        this.settings = settings;
    }

    @Override
    public void write(List<Tick> ticks) throws IOException {
        try {
            Producer<String, byte[]> to = connected();
            List<Future<?>> sent = new ArrayList<>();
            for (Tick tick : ticks) {
                long time = tick.time().toEpochMilli();
                for (SnapshotRow row : tick.rows()) {
                    sent.add(to.send(new ProducerRecord<>(
                            settings.posteriorsTopic(), null, time, Columns.key(row), json(Columns.of(row)))));
                }
                tests(tick)
                        .forEach((test, rows) -> sent.add(to.send(new ProducerRecord<>(
                                settings.metricsTopic(), null, time, test, json(standing(rows))))));
            }
            to.flush();
            for (Future<?> one : sent) {
                one.get();
            }
        } catch (KafkaException e) {
            throw failed(e);
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(e);
        }
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    /** A producer that has failed may be good for nothing any more; the next write makes another. */
    private IOException failed(Throwable e) {
        close();
        return new IOException(e.getMessage(), e);
    }

    private Producer<String, byte[]> connected() throws InterruptedException {
        if (producer == null) {
            createTopics();
            Map<String, Object> config = new HashMap<>(clients);
            config.put(ProducerConfig.ACKS_CONFIG, "all");
            config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
            config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, DELIVERY_MS);
            config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MS);
            config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
            producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        }
        return producer;
    }

    /** With the partitions and replicas that the brokers give; where this is not allowed, somebody else has made them. */
    private void createTopics() throws InterruptedException {
        Map<String, Object> config = new HashMap<>(clients);
        config.keySet().removeIf(key -> !AdminClientConfig.configNames().contains(key));
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MS);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, REQUEST_MS);
        Admin admin = Admin.create(config);
        try {
            List<NewTopic> topics = Set.of(settings.posteriorsTopic(), settings.metricsTopic()).stream()
                    .map(topic -> new NewTopic(topic, Optional.empty(), Optional.empty()))
                    .toList();
            for (var made : admin.createTopics(topics).values().entrySet()) {
                try {
                    made.getValue().get(REQUEST_MS, TimeUnit.MILLISECONDS);
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        log.debug("topic {} was not made", made.getKey(), e);
                    }
                } catch (TimeoutException e) {
                    log.debug("topic {} was not made in time", made.getKey(), e);
                }
            }
        } finally {
            admin.close(Duration.ZERO);
        }
    }

    private static Map<String, List<SnapshotRow>> tests(Tick tick) {
        return tick.rows().stream()
                .collect(Collectors.groupingBy(SnapshotRow::testId, LinkedHashMap::new, Collectors.toList()));
    }

    /** How a test stands: its leader, and what all of its arms have seen. */
    private static Map<String, Object> standing(List<SnapshotRow> rows) {
        SnapshotRow leader = rows.stream()
                .max(Comparator.comparingDouble(SnapshotRow::probBest))
                .orElseThrow();
        Map<String, Object> standing = new LinkedHashMap<>();
        standing.put("test_id", leader.testId());
        standing.put("timestamp", Columns.time(leader.timestamp()));
        standing.put("leader", leader.variant());
        standing.put("prob_best", leader.probBest());
        standing.put("expected_loss", leader.expectedLoss());
        standing.put(
                "exposures_total",
                rows.stream().mapToLong(SnapshotRow::exposuresTotal).sum());
        // Rewards are millionths: the sum is one too.
        standing.put(
                "successes_total",
                Math.round(rows.stream()
                                        .mapToDouble(SnapshotRow::successesTotal)
                                        .sum()
                                * 1e6)
                        / 1e6);
        return standing;
    }

    private static byte[] json(Map<String, ? extends @Nullable Object> values) {
        return JSON.writeValueAsBytes(values);
    }
}
