package dev.bandit.service.stream;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;

/** How many records wait, asked from the broker: what a consumer knows of its own lag stands still while it is paused. */
final class StreamLag implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StreamLag.class);
    private static final long TIMEOUT_S = 5;

    private final Map<String, Object> settings;
    private final String group;
    private final Collection<String> topics;
    private final Map<String, Double> lags = new ConcurrentHashMap<>();
    private @Nullable Admin admin;
    private boolean reachable = true;

    StreamLag(Map<String, Object> settings, String group, Collection<String> topics, MeterRegistry metrics) {
        this.settings = settings;
        this.group = group;
        this.topics = topics;
        for (String topic : topics) {
            Gauge.builder("bandit.stream.lag", lags, all -> all.getOrDefault(topic, Double.NaN))
                    .description("Records that are not committed yet; NaN while Kafka cannot be asked")
                    .tag("topic", topic)
                    .register(metrics);
        }
    }

    @Scheduled(fixedDelayString = "${bandit.kafka.measure:5s}")
    synchronized void measure() {
        try {
            if (admin == null) {
                admin = Admin.create(settings);
            }
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(TIMEOUT_S, TimeUnit.SECONDS);
            for (String topic : topics) {
                lags.put(topic, lag(admin, topic, committed));
            }
            if (!reachable) {
                reachable = true;
                log.info("Kafka tells how many records wait again");
            }
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            lags.clear();
            if (reachable) {
                reachable = false;
                log.warn("Kafka does not tell how many records wait: {}", e.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static double lag(Admin admin, String topic, Map<TopicPartition, OffsetAndMetadata> committed)
            throws ExecutionException, TimeoutException, InterruptedException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        Map<TopicPartition, OffsetSpec> begins = new HashMap<>();
        admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get(TIMEOUT_S, TimeUnit.SECONDS)
                .values()
                .forEach(description -> description.partitions().forEach(partition -> {
                    TopicPartition one = new TopicPartition(topic, partition.partition());
                    ends.put(one, OffsetSpec.latest());
                    begins.put(one, OffsetSpec.earliest());
                }));
        Map<TopicPartition, ListOffsetsResultInfo> end =
                admin.listOffsets(ends).all().get(TIMEOUT_S, TimeUnit.SECONDS);
        Map<TopicPartition, ListOffsetsResultInfo> begin =
                admin.listOffsets(begins).all().get(TIMEOUT_S, TimeUnit.SECONDS);
        long lag = 0;
        for (TopicPartition partition : ends.keySet()) {
            OffsetAndMetadata done = committed.get(partition);
            long first = offset(begin.get(partition));
            long from = done == null ? first : Math.max(first, done.offset());
            lag += Math.max(0, offset(end.get(partition)) - from);
        }
        return lag;
    }

    private static long offset(@Nullable ListOffsetsResultInfo info) {
        return info == null ? 0 : info.offset();
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }
}
