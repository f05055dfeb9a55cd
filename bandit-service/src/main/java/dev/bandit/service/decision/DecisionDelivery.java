package dev.bandit.service.decision;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.posterior.DecisionStore;
import dev.bandit.service.posterior.DecisionStore.Batch;
import dev.bandit.service.store.StoreUnavailable;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Brings batches of decisions to Redis; when it does not take one in time, to the local journal, and from there to Redis, in order.
 *
 * <p>Once a batch of an experiment has gone to the journal its later ones do too, until the journal has none of it: a stream's counters must
 * arrive in order. Other experiments are not concerned.
 */
@Component
class DecisionDelivery implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(DecisionDelivery.class);

    private static final long ROUND_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Where a batch has been put. */
    enum Ack {
        STORE,
        JOURNAL
    }

    private final DecisionStore store;
    private final ExperimentRegistry experiments;
    private final Journal journal;
    private final long timeoutMs;
    private final Duration pace;
    /** Experiments with batches of this process in the journal, and how many. */
    private final ConcurrentMap<String, Integer> diverted = new ConcurrentHashMap<>();
    /** How many records in the journal are from before this process; their streams have ended, so no order binds them to new ones. */
    private long inherited;

    private final ReentrantLock draining = new ReentrantLock();
    private final Counter journaled;
    private final Counter lost;
    private volatile boolean running;

    DecisionDelivery(
            DecisionStore store,
            ExperimentRegistry experiments,
            Journal journal,
            DecisionProperties properties,
            MeterRegistry metrics) {
        this.store = store;
        this.experiments = experiments;
        this.journal = journal;
        this.timeoutMs = properties.storeTimeout().toMillis();
        this.pace = properties.pace();
        this.inherited = journal.pendingRecords();
        Gauge.builder("bandit.journal.bytes", journal, Journal::pendingBytes)
                .description("Decisions in the local journal that Redis does not have yet")
                .baseUnit("bytes")
                .register(metrics);
        journaled = Counter.builder("bandit.journal.batches")
                .description("Batches of decisions that went to the local journal")
                .register(metrics);
        lost = Counter.builder("bandit.journal.dropped")
                .description("Batches of decisions given up: the journal was full, or their experiment is unknown")
                .register(metrics);
    }

    /** Completes when the batch is durable; fails with {@link StoreUnavailable} when it cannot be made so. */
    CompletableFuture<Ack> deliver(Experiment experiment, Batch batch) {
        if (diverted.containsKey(experiment.id())) {
            return divert(experiment, batch);
        }
        return store.deliver(experiment, batch)
                .orTimeout(timeoutMs, TimeUnit.MILLISECONDS)
                .thenApply(done -> Ack.STORE)
                .exceptionallyCompose(failure -> {
                    if (diverted.isEmpty()) {
                        log.warn(
                                "Redis does not take decisions of {}, they go to the journal: {}",
                                experiment.id(),
                                String.valueOf(failure.getCause() == null ? failure : failure.getCause()));
                    }
                    return divert(experiment, batch);
                });
    }

    /** Counted before it is offered, so that it cannot leave the journal uncounted. */
    private CompletableFuture<Ack> divert(Experiment experiment, Batch batch) {
        diverted.merge(experiment.id(), 1, Integer::sum);
        CompletableFuture<@Nullable Void> durable = journal.offer(JournalRecord.write(experiment.id(), batch));
        if (durable == null) {
            left(experiment.id());
            lost.increment();
            return CompletableFuture.failedFuture(
                    new StoreUnavailable("Redis is away and the local journal is full.", null));
        }
        return durable.whenComplete((done, failure) -> {
                    if (failure != null) {
                        // It will never leave the journal, since it is not in it.
                        left(experiment.id());
                    }
                })
                .thenApply(done -> {
                    journaled.increment();
                    return Ack.JOURNAL;
                });
    }

    private void left(String experimentId) {
        diverted.computeIfPresent(experimentId, (id, records) -> records == 1 ? null : records - 1);
    }

    /** How far apart batches of one stream start, at least. */
    Duration pace() {
        return pace;
    }

    /** Whether decisions of the experiment go to the journal. */
    boolean diverted(String experimentId) {
        return diverted.containsKey(experimentId);
    }

    @Scheduled(fixedDelay = 100)
    void drain() {
        if (running) {
            drain(System.nanoTime() + ROUND_NANOS);
        }
    }

    /** One thread at a time takes from the journal. */
    private void drain(long deadlineNanos) {
        if (!draining.tryLock()) {
            return;
        }
        try {
            byte @Nullable [] next;
            while (System.nanoTime() < deadlineNanos && (next = journal.peek()) != null) {
                JournalRecord record = JournalRecord.read(next);
                if (!redeliver(record)) {
                    return;
                }
                journal.remove();
                if (inherited > 0) {
                    inherited--;
                } else {
                    left(record.experimentId());
                }
                if (journal.isEmpty()) {
                    log.info("the journal is empty, decisions go to Redis again");
                }
            }
        } finally {
            draining.unlock();
        }
    }

    /** False when it has to be tried again later. */
    private boolean redeliver(JournalRecord record) {
        Optional<Experiment> experiment = experiments.find(record.experimentId());
        if (experiment.isEmpty()) {
            if (!experiments.reachable()) {
                return false;
            }
            lost.increment();
            log.error(
                    "decisions {} to {} of unknown experiment {} dropped from the journal",
                    record.batch().first(),
                    record.batch().last(),
                    record.experimentId());
            return true;
        }
        try {
            store.deliver(experiment.get(), record.batch()).get(10, TimeUnit.SECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (Exception e) {
            log.debug("journal not drained", e);
            return false;
        }
    }

    @Override
    public void start() {
        running = true;
    }

    /** The last chance for what is in the journal; what stays there is delivered after the next start. */
    @Override
    public void stop() {
        running = false;
        drain(System.nanoTime() + STOP_NANOS);
        draining.lock();
        try {
            journal.close();
        } catch (IOException e) {
            log.error("the journal could not be closed", e);
        } finally {
            draining.unlock();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After the selector, before the relay. */
    @Override
    public int getPhase() {
        return 200;
    }
}
