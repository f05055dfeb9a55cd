package dev.bandit.service.stream;

import dev.bandit.service.problem.Problem;
import dev.bandit.service.reward.Occurrence;
import dev.bandit.service.reward.Recording;
import dev.bandit.service.stream.DeadLetters.Origin;
import dev.bandit.service.stream.StreamMetrics.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.BatchAcknowledgingConsumerAwareMessageListener;
import org.springframework.kafka.listener.ConsumerAwareRebalanceListener;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.kafka.support.Acknowledgment;

/**
 * Takes the records of one topic, a poll at a time, to the recorder, and poison to the dead letters. A poll's offsets are committed once all
 * of it is in Redis (in Postgres, if the experiment asks for that) or in the dead letter topic, and once those of the polls before it are: an
 * acknowledgement says that everything up to there is done.
 *
 * <p>What is refused because a server is away is tried until it is not, and nothing new is read meanwhile. The consumer keeps its partitions;
 * if it loses them all the same, the next one gets the records again, and their names tell what has been counted.
 */
final class TopicListener
        implements BatchAcknowledgingConsumerAwareMessageListener<byte[], byte[]>, ConsumerAwareRebalanceListener {

    private static final Logger log = LoggerFactory.getLogger(TopicListener.class);
    /** Polls on their way at a time, a consumer. */
    private static final int WINDOW = 2;

    private static final Duration AGAIN = Duration.ofMillis(500);
    private static final Duration HAND_OVER = Duration.ofSeconds(5);
    private static final Executor ASIDE = Thread::startVirtualThread;

    /** What counts: {@link dev.bandit.service.reward.RewardRecorder#recordAll}. */
    @FunctionalInterface
    interface Recorder {
        CompletableFuture<List<Recording>> recordAll(List<Occurrence> occurrences);
    }

    private final String topic;
    private final RecordReader reader;
    private final Recorder recorder;
    private final DeadLetters deadLetters;
    private final StreamMetrics metrics;
    private final Map<Thread, Lane> lanes = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Set<Origin>> dead = new ConcurrentHashMap<>();
    private @Nullable MessageListenerContainer container;
    private volatile boolean stopping;
    /** Polls that are being tried again; guarded by this. */
    private int waiting;

    private volatile boolean paused;

    TopicListener(
            String topic, RecordReader reader, Recorder recorder, DeadLetters deadLetters, StreamMetrics metrics) {
        this.topic = topic;
        this.reader = reader;
        this.recorder = recorder;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
    }

    /** What this pauses; before it starts. */
    synchronized void listensFor(MessageListenerContainer to) {
        stopping = false;
        waiting = 0;
        paused = false;
        metrics.paused(false);
        lanes.clear();
        container = to;
    }

    /** Nothing is tried again from now on: the next start gets it. */
    void stopping() {
        stopping = true;
    }

    /** What one consumer thread has on its way, oldest first; each ends after the one before it. Only that thread uses it. */
    private static final class Lane {
        final Deque<CompletableFuture<Void>> onTheirWay = new ArrayDeque<>();

        @Nullable
        CompletableFuture<Void> last() {
            return onTheirWay.peekLast();
        }

        void tidy() {
            while (!onTheirWay.isEmpty() && onTheirWay.getFirst().isDone()) {
                onTheirWay.removeFirst();
            }
        }
    }

    private record Poison(ConsumerRecord<byte[], byte[]> record, String reason) {}

    @Override
    public void onMessage(
            List<ConsumerRecord<byte[], byte[]>> records,
            @Nullable Acknowledgment acknowledgment,
            @Nullable Consumer<?, ?> consumer) {
        if (acknowledgment == null) {
            throw new IllegalStateException("the container does not acknowledge by hand");
        }
        Lane lane = lanes.computeIfAbsent(Thread.currentThread(), thread -> new Lane());
        CompletableFuture<Void> before = lane.last();
        CompletableFuture<Void> done = take(records);
        CompletableFuture<Void> acknowledged = (before == null ? done : CompletableFuture.allOf(before, done))
                .thenRun(() -> acknowledge(acknowledgment));
        lane.onTheirWay.add(acknowledged);
        awaitRoom(lane);
    }

    private void acknowledge(Acknowledgment acknowledgment) {
        try {
            acknowledgment.acknowledge();
        } catch (RuntimeException e) {
            log.debug("a poll of {} was done after its consumer", topic, e);
        }
    }

    /** Not for long: a consumer that does not poll loses its partitions. While nothing moves, it polls and gets nothing. */
    private void awaitRoom(Lane lane) {
        lane.tidy();
        while (lane.onTheirWay.size() > WINDOW && !paused && !stopping) {
            await(lane.onTheirWay.getFirst(), Duration.ofMillis(50));
            lane.tidy();
        }
    }

    private static void await(CompletableFuture<Void> future, Duration patience) {
        try {
            future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // Looked at again by who waits.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @return completes when each record is counted, passed over, or a dead letter; never fails */
    private CompletableFuture<Void> take(List<ConsumerRecord<byte[], byte[]>> records) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        attempt(records, new ArrayList<>(), false, result);
        return result;
    }

    private void attempt(
            List<ConsumerRecord<byte[], byte[]>> records,
            List<Poison> poison,
            boolean again,
            CompletableFuture<Void> result) {
        CompletableFuture<Sorted> sorted;
        try {
            sorted = record(records);
        } catch (RuntimeException e) {
            sorted = CompletableFuture.failedFuture(e);
        }
        sorted.whenComplete((done, failure) -> {
            List<ConsumerRecord<byte[], byte[]>> left = records;
            if (done == null) {
                log.error("records of {} are tried again after a failure of our own", topic, failure);
            } else {
                poison.addAll(done.poison);
                left = done.again;
            }
            goOn(left, poison, again, result);
        });
    }

    private void goOn(
            List<ConsumerRecord<byte[], byte[]>> left,
            List<Poison> poison,
            boolean again,
            CompletableFuture<Void> result) {
        if (left.isEmpty()) {
            if (again) {
                ended();
            }
            if (poison.isEmpty()) {
                result.complete(null);
            } else {
                // Off the threads of Redis: a producer may wait for its broker.
                ASIDE.execute(() -> bury(poison, false, result));
            }
            return;
        }
        if (!again) {
            began("Redis, or what else is waited for, does not take them");
        }
        if (!stopping) {
            later(() -> attempt(left, poison, true, result));
        }
    }

    private static void later(Runnable task) {
        CompletableFuture.delayedExecutor(AGAIN.toMillis(), TimeUnit.MILLISECONDS, ASIDE)
                .execute(task);
    }

    /** @param again what has to be tried again */
    private record Sorted(List<ConsumerRecord<byte[], byte[]>> again, List<Poison> poison) {

        void add(ConsumerRecord<byte[], byte[]> record, Problem problem, StreamMetrics metrics) {
            if (problem.status() >= 500) {
                again.add(record);
            } else if (problem.status() == 409) {
                metrics.count(Outcome.CONFLICT);
            } else {
                poison.add(new Poison(record, problem.detail()));
            }
        }
    }

    private CompletableFuture<Sorted> record(List<ConsumerRecord<byte[], byte[]>> records) {
        Sorted sorted = new Sorted(new ArrayList<>(), new ArrayList<>());
        List<ConsumerRecord<byte[], byte[]>> sent = new ArrayList<>(records.size());
        List<Occurrence> occurrences = new ArrayList<>(records.size());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                Occurrence occurrence = reader.read(record);
                if (occurrence == null) {
                    metrics.count(Outcome.IGNORED);
                } else {
                    sent.add(record);
                    occurrences.add(occurrence);
                }
            } catch (Problem problem) {
                sorted.add(record, problem, metrics);
            }
        }
        return recorder.recordAll(occurrences).thenApply(results -> {
            for (int i = 0; i < results.size(); i++) {
                switch (results.get(i)) {
                    case Recording.Done done ->
                        metrics.count(done.recorded().duplicate() ? Outcome.DUPLICATE : Outcome.APPLIED);
                    case Recording.Refused refused -> sorted.add(sent.get(i), refused.problem(), metrics);
                }
            }
            return sorted;
        });
    }

    private void bury(List<Poison> poison, boolean again, CompletableFuture<Void> result) {
        List<Poison> open = new ArrayList<>();
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        for (Poison one : poison) {
            TopicPartition partition = new TopicPartition(one.record.topic(), one.record.partition());
            if (dead.getOrDefault(partition, Set.of()).contains(Origin.of(one.record))) {
                metrics.count(Outcome.DUPLICATE);
            } else {
                open.add(one);
                sent.add(deadLetters.send(one.record, one.reason));
            }
        }
        List<Poison> failed = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
            try {
                sent.get(i).join();
                metrics.count(Outcome.POISON);
            } catch (RuntimeException e) {
                log.debug("a dead letter of {} was not taken", topic, e);
                failed.add(open.get(i));
            }
        }
        if (failed.isEmpty()) {
            if (again) {
                ended();
            }
            result.complete(null);
            return;
        }
        if (!again) {
            began("the broker does not take dead letters");
        }
        if (!stopping) {
            later(() -> bury(failed, true, result));
        }
    }

    private synchronized void began(String why) {
        if (waiting++ == 0) {
            paused = true;
            metrics.paused(true);
            if (container != null) {
                container.pause();
            }
            log.warn("{} is not read for now: {}", topic, why);
        }
    }

    private synchronized void ended() {
        if (--waiting == 0) {
            paused = false;
            metrics.paused(false);
            if (container != null) {
                container.resume();
            }
            log.info("{} is read again", topic);
        }
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        if (!partitions.isEmpty()) {
            dead.putAll(deadLetters.since(partitions, partition -> consumer.position(partition)));
        }
    }

    /** What is on its way is let land, so that its offsets are committed and the next consumer does not get it again. */
    @Override
    public void onPartitionsRevokedBeforeCommit(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        Lane lane = lanes.get(Thread.currentThread());
        CompletableFuture<Void> last = lane == null ? null : lane.last();
        if (last != null && !partitions.isEmpty()) {
            long deadline = System.nanoTime() + HAND_OVER.toNanos();
            while (!last.isDone() && !paused && System.nanoTime() < deadline) {
                await(last, Duration.ofMillis(50));
            }
        }
        partitions.forEach(dead::remove);
    }

    @Override
    public void onPartitionsLost(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        partitions.forEach(dead::remove);
    }
}
