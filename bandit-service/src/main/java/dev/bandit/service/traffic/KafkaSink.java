package dev.bandit.service.traffic;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** A Kafka topic; every record is acknowledged by all replicas, and no retry doubles one. */
final class KafkaSink implements EventSink {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int CONNECT_SECONDS = 10;

    private final Producer<String, byte[]> producer;
    private final String topic;
    private final AtomicLong lost = new AtomicLong();
    private final AtomicReference<@Nullable Exception> reason = new AtomicReference<>();

    KafkaSink(Producer<String, byte[]> producer, String topic) {
        this.producer = producer;
        this.topic = topic;
    }

    /** @throws TrafficFailed if there is no broker, or no such topic */
    static KafkaSink open(String brokers, String topic) {
        requireTopic(brokers, topic);
        try {
            return new KafkaSink(
                    new KafkaProducer<>(
                            Map.of(
                                    ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                                    brokers,
                                    ProducerConfig.ACKS_CONFIG,
                                    "all",
                                    ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                                    true,
                                    ProducerConfig.LINGER_MS_CONFIG,
                                    5,
                                    ProducerConfig.BATCH_SIZE_CONFIG,
                                    128 * 1024,
                                    ProducerConfig.MAX_BLOCK_MS_CONFIG,
                                    PATIENCE.toMillis(),
                                    ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                                    10_000,
                                    ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                                    (int) PATIENCE.toMillis()),
                            new StringSerializer(),
                            new ByteArraySerializer()),
                    topic);
        } catch (KafkaException e) {
            throw new TrafficFailed("No Kafka producer for %s: %s".formatted(brokers, e.getMessage()), e);
        }
    }

    /** A producer would create it, or wait for long and say little. */
    private static void requireTopic(String brokers, String topic) {
        try (var admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                brokers,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                5_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                CONNECT_SECONDS * 1000))) {
            admin.describeTopics(List.of(topic)).allTopicNames().get(CONNECT_SECONDS + 1, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof UnknownTopicOrPartitionException
                    ? new TrafficFailed(
                            "%s has no topic %s: start what reads it first, or create it".formatted(brokers, topic), e)
                    : noBroker(brokers, e);
        } catch (TimeoutException | KafkaException e) {
            throw noBroker(brokers, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TrafficFailed("Interrupted", e);
        }
    }

    private static TrafficFailed noBroker(String brokers, Exception cause) {
        return new TrafficFailed(
                "No Kafka broker answers at %s; start one, or name it with --brokers".formatted(brokers), cause);
    }

    @Override
    public void send(@Nullable String key, byte[] value) {
        try {
            producer.send(new ProducerRecord<>(topic, key, value), (metadata, failure) -> {
                if (failure != null) {
                    lost.incrementAndGet();
                    reason.compareAndSet(null, failure);
                }
            });
        } catch (KafkaException e) {
            throw new TrafficFailed("The broker takes nothing any more: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        producer.close(PATIENCE);
        if (lost.get() > 0) {
            throw new TrafficFailed("%,d records were not acknowledged; the first because: %s"
                    .formatted(lost.get(), String.valueOf(reason.get())));
        }
    }
}
