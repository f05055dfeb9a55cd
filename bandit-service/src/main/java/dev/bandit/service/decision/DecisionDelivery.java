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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Brings batches of decisions to Redis; when it does not take one in time, to the local journal, and from there to Redis, in order.
 *
 * <p>Once a batch has gone to the journal all later ones do too, until it is empty: a stream's counters must arrive in order.
 */
@Component
class DecisionDelivery implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(DecisionDelivery.class);

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
    private final Object order = new Object();
    private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    private final Counter journaled;
    private final Counter lost;
    /** Whether batches go to the journal; changed under {@link #order}. */
    private volatile boolean diverted;
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
        this.diverted = !journal.isEmpty();
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
        if (diverted) {
            return CompletableFuture.supplyAsync(() -> divert(experiment, batch), blocking);
        }
        return store.deliver(experiment, batch)
                .orTimeout(timeoutMs, TimeUnit.MILLISECONDS)
                .thenApply(done -> Ack.STORE)
                .exceptionallyAsync(
                        failure -> {
                            if (!diverted) {
                                log.warn("Redis does not take decisions, they go to the journal: {}", String.valueOf(failure.getCause() == null ? failure : failure.getCause()));
                            }
                            return divert(experiment, batch);
                        },
                        blocking);
    }

    private Ack divert(Experiment experiment, Batch batch) {
        byte[] record = JournalRecord.write(experiment.id(), batch);
        synchronized (order) {
            diverted = true;
            if (!journal.append(record)) {
                lost.increment();
                throw new StoreUnavailable("Redis is away and the local journal is full.", null);
            }
        }
        journaled.increment();
        return Ack.JOURNAL;
    }

    /** How far apart batches of one stream start, at least. */
    Duration pace() {
        return pace;
    }

    /** Whether Redis was away at the last attempt. */
    boolean diverted() {
        return diverted;
    }

    @Scheduled(fixedDelay = 100)
    void drain() {
        if (!diverted) {
            return;
        }
        while (true) {
            byte[] record = journal.peek();
            if (record == null) {
                synchronized (order) {
                    if (journal.isEmpty()) {
                        diverted = false;
                        log.info("the journal is empty, decisions go to Redis again");
                        return;
                    }
                }
                continue;
            }
            if (!redeliver(JournalRecord.read(record))) {
                return;
            }
            journal.remove();
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
        drain();
        blocking.close();
        try {
            journal.close();
        } catch (IOException e) {
            log.error("the journal could not be closed", e);
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
