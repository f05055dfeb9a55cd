package dev.bandit.service.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.support.KafkaHeaders;

/**
 * Where poison goes: {@code <topic>-dlt}, the same partition, with key, value and headers as they came and headers that say where it stood
 * and why it is here. Of what is too large for that topic, or for our producer ({@code max.request.size}), as much as fits.
 *
 * <p>Poison may be delivered again before its offset is committed. What a dead letter says of its origin (offset and time) tells it then, so
 * that it does not become a second one: {@link #since} looks through the end of the partition when a consumer takes it over.
 */
final class DeadLetters implements AutoCloseable {

    static final String SUFFIX = "-dlt";
    static final String REASON = "bandit-reason";

    /** Where a record stood; the time tells it from one at the same place of a topic that was made anew. */
    record Origin(long offset, long timestamp) {
        static Origin of(ConsumerRecord<?, ?> record) {
            return new Origin(record.offset(), record.timestamp());
        }
    }

    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);
    /** More than a consumer has on its way, so more than can be delivered again. */
    private static final long TAIL = 20_000;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Producer<byte[], byte[]> producer;
    private final ConsumerFactory<byte[], byte[]> consumers;
    private final String group;

    DeadLetters(ProducerFactory<byte[], byte[]> producers, ConsumerFactory<byte[], byte[]> consumers, String group) {
        this.producer = producers.createProducer();
        this.consumers = consumers;
        this.group = group;
    }

    /** What of a record goes with its letter, which may have less room than the record's own topic. */
    private enum Kept {
        ALL(""),
        KEY_AND_HEADERS(" (The value was too large to be kept here.)"),
        ORIGIN(" (Key, value and headers were too large to be kept here.)");

        private static final int LONGEST_REASON = 500;
        private final String note;

        Kept(String note) {
            this.note = note;
        }

        String reason(String reason) {
            boolean whole = this != ORIGIN || reason.length() <= LONGEST_REASON;
            return (whole ? reason : reason.substring(0, LONGEST_REASON) + "…") + note;
        }
    }

    /** @return completes when the broker has it, or so much of it as it takes; what it takes nothing of is in the log alone */
    CompletableFuture<Void> send(ConsumerRecord<byte[], byte[]> poison, String reason) {
        return send(poison, reason, Kept.ALL);
    }

    private CompletableFuture<Void> send(ConsumerRecord<byte[], byte[]> poison, String reason, Kept kept) {
        return letter(poison, reason, kept).exceptionallyCompose(failure -> {
            if (!tooLarge(failure)) {
                return CompletableFuture.failedFuture(failure);
            }
            if (kept == Kept.ORIGIN) {
                log.error(
                        "{}-{} offset {} has no dead letter, for which {} has no room at all: {}",
                        poison.topic(),
                        poison.partition(),
                        poison.offset(),
                        poison.topic() + SUFFIX,
                        kept.reason(reason));
                return CompletableFuture.completedFuture(null);
            }
            return send(poison, reason, kept == Kept.ALL ? Kept.KEY_AND_HEADERS : Kept.ORIGIN);
        });
    }

    private CompletableFuture<Void> letter(ConsumerRecord<byte[], byte[]> poison, String reason, Kept kept) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try {
            String topic = poison.topic() + SUFFIX;
            boolean there = poison.partition() < producer.partitionsFor(topic).size();
            ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(
                    topic,
                    there ? poison.partition() : null,
                    poison.timestamp(),
                    kept == Kept.ORIGIN ? null : poison.key(),
                    kept == Kept.ALL ? poison.value() : null,
                    kept == Kept.ORIGIN ? null : poison.headers());
            Headers headers = letter.headers();
            headers.add(KafkaHeaders.DLT_ORIGINAL_TOPIC, poison.topic().getBytes(UTF_8));
            headers.add(
                    KafkaHeaders.DLT_ORIGINAL_PARTITION,
                    ByteBuffer.allocate(Integer.BYTES)
                            .putInt(poison.partition())
                            .array());
            headers.add(KafkaHeaders.DLT_ORIGINAL_OFFSET, bytes(poison.offset()));
            headers.add(KafkaHeaders.DLT_ORIGINAL_TIMESTAMP, bytes(poison.timestamp()));
            headers.add(
                    KafkaHeaders.DLT_ORIGINAL_TIMESTAMP_TYPE,
                    poison.timestampType().toString().getBytes(UTF_8));
            headers.add(KafkaHeaders.DLT_ORIGINAL_CONSUMER_GROUP, group.getBytes(UTF_8));
            headers.add(KafkaHeaders.DLT_EXCEPTION_MESSAGE, kept.reason(reason).getBytes(UTF_8));
            headers.add(REASON, kept.reason(reason).getBytes(UTF_8));
            producer.send(letter, (metadata, failure) -> {
                if (failure == null) {
                    sent.complete(null);
                } else {
                    sent.completeExceptionally(failure);
                }
            });
        } catch (RuntimeException e) {
            sent.completeExceptionally(e);
        }
        return sent;
    }

    private static boolean tooLarge(Throwable failure) {
        return failure instanceof RecordTooLargeException || failure.getCause() instanceof RecordTooLargeException;
    }

    /**
     * The poison of these partitions that is in the dead letter topic already, from these positions on.
     *
     * @param position of the consumer that takes a partition over
     */
    Map<TopicPartition, Set<Origin>> since(
            Collection<TopicPartition> partitions, ToLongFunction<TopicPartition> position) {
        Map<TopicPartition, Set<Origin>> found = new HashMap<>();
        try (Consumer<byte[], byte[]> reader = consumers.createConsumer(group + "-dead-letters", null)) {
            for (TopicPartition partition : partitions) {
                TopicPartition letters = new TopicPartition(partition.topic() + SUFFIX, partition.partition());
                if (reader.partitionsFor(letters.topic(), PATIENCE).size() > letters.partition()) {
                    found.put(partition, read(reader, letters, partition.topic(), position.applyAsLong(partition)));
                }
            }
        } catch (KafkaException e) {
            log.warn("dead letters could not be looked through, so some may come twice: {}", e.getMessage());
        }
        return found;
    }

    private static Set<Origin> read(
            Consumer<byte[], byte[]> reader, TopicPartition letters, String topic, long position) {
        Set<TopicPartition> one = Set.of(letters);
        long end = reader.endOffsets(one, PATIENCE).getOrDefault(letters, 0L);
        long begin = Math.max(end - TAIL, reader.beginningOffsets(one, PATIENCE).getOrDefault(letters, 0L));
        Set<Origin> found = new HashSet<>();
        reader.assign(one);
        reader.seek(letters, begin);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (begin < end && reader.position(letters, PATIENCE) < end && System.nanoTime() < deadline) {
            for (ConsumerRecord<byte[], byte[]> letter : reader.poll(Duration.ofMillis(200))) {
                Header origin = letter.headers().lastHeader(KafkaHeaders.DLT_ORIGINAL_TOPIC);
                Long offset = number(letter, KafkaHeaders.DLT_ORIGINAL_OFFSET);
                Long timestamp = number(letter, KafkaHeaders.DLT_ORIGINAL_TIMESTAMP);
                if (origin != null
                        && topic.equals(new String(origin.value(), UTF_8))
                        && offset != null
                        && timestamp != null
                        && offset >= position) {
                    found.add(new Origin(offset, timestamp));
                }
            }
        }
        return found;
    }

    private static @Nullable Long number(ConsumerRecord<?, ?> letter, String name) {
        Header header = letter.headers().lastHeader(name);
        return header == null || header.value().length != Long.BYTES
                ? null
                : ByteBuffer.wrap(header.value()).getLong();
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
    }
}
