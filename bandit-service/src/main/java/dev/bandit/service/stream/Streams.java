package dev.bandit.service.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.ContainerProperties.AckMode;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.util.backoff.FixedBackOff;

/** The consumers of all topics: started last and stopped first, and never in the way of a start. A broker that is away is waited for. */
final class Streams implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Streams.class);
    /** Also how long an acknowledgement may wait for the consumer's thread to commit it. */
    private static final Duration POLL = Duration.ofMillis(100);

    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final StreamProperties properties;
    private final Map<String, Object> admin;
    private final ConsumerFactory<byte[], byte[]> consumers;
    private final Map<String, TopicListener> listeners;
    private final List<ConcurrentMessageListenerContainer<byte[], byte[]>> containers = new ArrayList<>();
    private CountDownLatch stopped = new CountDownLatch(1);
    private boolean running;

    Streams(
            StreamProperties properties,
            Map<String, Object> admin,
            ConsumerFactory<byte[], byte[]> consumers,
            Map<String, TopicListener> listeners) {
        this.properties = properties;
        this.admin = admin;
        this.consumers = consumers;
        this.listeners = listeners;
    }

    @Override
    public synchronized void start() {
        running = true;
        stopped = new CountDownLatch(1);
        Thread.ofVirtual().name("streams").start(this::begin);
    }

    private void begin() {
        boolean told = false;
        while (!topicsStand(told)) {
            told = true;
            try {
                if (stopped.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        synchronized (this) {
            if (running) {
                listeners.forEach((topic, listener) -> {
                    ConcurrentMessageListenerContainer<byte[], byte[]> container = container(topic, listener);
                    listener.listensFor(container);
                    containers.add(container);
                    container.start();
                });
            }
        }
    }

    private ConcurrentMessageListenerContainer<byte[], byte[]> container(String topic, TopicListener listener) {
        ContainerProperties settings = new ContainerProperties(topic);
        settings.setGroupId(properties.groupId());
        settings.setClientId("bandit-" + topic);
        settings.setAckMode(AckMode.MANUAL);
        settings.setSyncCommits(true);
        settings.setStopImmediate(true);
        settings.setPollTimeout(POLL.toMillis());
        settings.setAuthExceptionRetryInterval(PATIENCE);
        settings.setMessageListener(listener);
        settings.setConsumerRebalanceListener(listener);
        ConcurrentMessageListenerContainer<byte[], byte[]> container =
                new ConcurrentMessageListenerContainer<>(consumers, settings);
        container.setConcurrency(properties.consumers());
        container.setBeanName(topic);
        // The listener throws nothing; should it all the same, nothing is skipped.
        container.setCommonErrorHandler(
                new DefaultErrorHandler(new FixedBackOff(AGAIN.toMillis(), FixedBackOff.UNLIMITED_ATTEMPTS)));
        return container;
    }

    /** Makes what is missing; false while the broker does not answer. */
    private boolean topicsStand(boolean told) {
        if (!properties.createTopics()) {
            return true;
        }
        Admin client = Admin.create(admin);
        try {
            for (String topic : listeners.keySet()) {
                create(client, new NewTopic(topic, Optional.empty(), Optional.empty()));
                int partitions = partitions(client, topic);
                String letters = topic + DeadLetters.SUFFIX;
                create(client, new NewTopic(letters, Optional.of(partitions), Optional.empty()));
                if (partitions(client, letters) < partitions) {
                    answer(client.createPartitions(Map.of(letters, NewPartitions.increaseTo(partitions)))
                            .all());
                }
            }
            return true;
        } catch (RetriableException | TimeoutException e) {
            // What was made a moment ago may not be known everywhere yet.
            if (!told) {
                log.warn("streams begin when Kafka answers: {}", String.valueOf(e.getMessage()));
            }
            return false;
        } catch (KafkaException e) {
            log.warn("topics could not be looked at or made, which is left to others: {}", e.getMessage());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            client.close(Duration.ZERO);
        }
    }

    private static void create(Admin client, NewTopic topic) throws TimeoutException, InterruptedException {
        if (answer(client.listTopics().names()).contains(topic.name())) {
            return;
        }
        try {
            answer(client.createTopics(List.of(topic)).all());
            log.info("made the topic {}", topic.name());
        } catch (TopicExistsException e) {
            log.debug("another replica made the topic {}", topic.name());
        }
    }

    private static int partitions(Admin client, String topic) throws TimeoutException, InterruptedException {
        return Objects.requireNonNull(
                        answer(client.describeTopics(List.of(topic)).allTopicNames())
                                .get(topic))
                .partitions()
                .size();
    }

    private static <T> T answer(KafkaFuture<T> future) throws TimeoutException, InterruptedException {
        try {
            return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e);
        }
    }

    @Override
    public synchronized void stop() {
        running = false;
        stopped.countDown();
        listeners.values().forEach(TopicListener::stopping);
        containers.forEach(ConcurrentMessageListenerContainer::stop);
        containers.clear();
    }

    @Override
    public synchronized boolean isRunning() {
        return running;
    }
}
