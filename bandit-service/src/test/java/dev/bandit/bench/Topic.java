package dev.bandit.bench;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fills the rewards topic. */
final class Topic implements AutoCloseable {

    static final String NAME = "bandit.rewards";

    private final KafkaProducer<byte[], byte[]> producer;

    /** @param transactional whether nobody who reads what is committed sees anything before {@link #show} */
    Topic(String bootstrapServers, boolean transactional) {
        Map<String, Object> settings = new java.util.HashMap<>(
                Map.of("bootstrap.servers", bootstrapServers, "linger.ms", "20", "batch.size", "131072", "acks", "1"));
        if (transactional) {
            settings.put("transactional.id", "bench");
            settings.put("transaction.timeout.ms", "600000");
            settings.put("acks", "all");
        }
        producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        if (transactional) {
            producer.initTransactions();
        }
    }

    void hide() {
        producer.beginTransaction();
    }

    void show() {
        producer.commitTransaction();
    }

    /** Sends the rewards from number {@code first} on. */
    void send(Rewards rewards, long first, long count) {
        AtomicReference<Exception> failed = new AtomicReference<>();
        for (long n = first; n < first + count; n++) {
            producer.send(new ProducerRecord<>(NAME, rewards.next(n)), (metadata, failure) -> {
                if (failure != null) {
                    failed.set(failure);
                }
            });
        }
        producer.flush();
        if (failed.get() != null) {
            throw new IllegalStateException(failed.get());
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
