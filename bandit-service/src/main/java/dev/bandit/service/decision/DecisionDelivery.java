package dev.bandit.service.decision;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.posterior.DecisionStore;
import dev.bandit.service.posterior.DecisionStore.Batch;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The streams of this process, and those that earlier ones left in the journal, on their way to Redis. */
@Component
class DecisionDelivery implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(DecisionDelivery.class);

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FORCE_S = 1;
    private static final long TIDY_S = 60;
    private static final long LOG_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final DecisionStore store;
    private final ExperimentRegistry experiments;
    private final Journal journal;
    private final Duration timeout;
    private final Duration pace;
    private final Map<String, DecisionStream> streams = new ConcurrentHashMap<>();
    private final List<DecisionStream> left = new CopyOnWriteArrayList<>();
    private final Counter lost;
    private final AtomicLong loggedFullNanos = new AtomicLong(System.nanoTime() - LOG_EVERY_NANOS);
    private volatile boolean running;
    private @Nullable ScheduledExecutorService disk;

    DecisionDelivery(
            DecisionStore store,
            ExperimentRegistry experiments,
            Journal journal,
            DecisionProperties properties,
            MeterRegistry metrics) {
        this.store = store;
        this.experiments = experiments;
        this.journal = journal;
        this.timeout = properties.storeTimeout();
        this.pace = properties.pace();
        Gauge.builder("bandit.journal.bytes", journal, Journal::pendingBytes)
                .description("Decisions in the local journal that Redis does not have yet")
                .baseUnit("bytes")
                .register(metrics);
        lost = Counter.builder("bandit.journal.dropped")
                .description("Decisions given up: the journal was full, or their experiment is unknown")
                .register(metrics);
    }

    /** This process's stream of the experiment's decisions. */
    DecisionStream stream(String experimentId) {
        DecisionStream stream = streams.get(experimentId);
        return stream != null
                ? stream
                : streams.computeIfAbsent(
                        experimentId, id -> new DecisionStream(journal.begin(id, RANDOM.nextLong()), this));
    }

    /**
     * Brings a batch to Redis.
     *
     * @return completes when Redis has it, or when nobody will ever want it; fails when it has to be tried again
     */
    CompletableFuture<@Nullable Void> deliver(String experimentId, Batch batch) {
        if (!running) {
            return CompletableFuture.failedFuture(new IllegalStateException("the service ends"));
        }
        boolean asked = experiments.reachable();
        Optional<Experiment> experiment = experiments.find(experimentId);
        if (experiment.isPresent()) {
            return store.deliver(experiment.get(), batch);
        }
        if (!asked || !experiments.reachable()) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("the experiment is not known, and Postgres is away"));
        }
        lost(batch.records().size());
        log.error(
                "{} decisions of unknown experiment {} dropped", batch.records().size(), experimentId);
        return CompletableFuture.completedFuture(null);
    }

    /** Waits before another attempt; false when there is none to be made, since the service ends. */
    boolean pause(long millis) {
        // Not all at once when Redis is back.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(
                millis / 2 + ThreadLocalRandom.current().nextLong(millis)));
        return running;
    }

    /** How long Redis may take for a batch before it counts as away. */
    Duration timeout() {
        return timeout;
    }

    /** How far apart batches of one stream start, at least, when somebody waits for them. */
    Duration pace() {
        return pace;
    }

    void lost(int decisions) {
        lost.increment(decisions);
    }

    /** The disk takes no more. */
    void full(IOException cause) {
        long last = loggedFullNanos.get();
        long now = System.nanoTime();
        if (now - last >= LOG_EVERY_NANOS && loggedFullNanos.compareAndSet(last, now)) {
            log.error("the journal cannot be written", cause);
        }
    }

    /** An executor drops a task that throws: whatever the disk says, there is a next time. */
    private static void carefully(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            log.error("the journal could not be forced to disk", e);
        }
    }

    @Override
    public void start() {
        running = true;
        for (StreamJournal of : journal.left()) {
            DecisionStream stream = new DecisionStream(of, this);
            left.add(stream);
            Thread.startVirtualThread(stream::deliverLeft);
        }
        // A thread of the system: forcing to disk would hold the carrier of a virtual one.
        disk = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("bandit-journal").daemon().factory());
        disk.scheduleWithFixedDelay(() -> carefully(journal::force), FORCE_S, FORCE_S, TimeUnit.SECONDS);
        disk.scheduleWithFixedDelay(() -> carefully(journal::tidy), TIDY_S, TIDY_S, TimeUnit.SECONDS);
    }

    /** Requests have ended. The last chance for what is in the journal; what stays there is delivered after the next start. */
    @Override
    public void stop() {
        long deadline = System.nanoTime() + STOP_NANOS;
        while (!delivered() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        running = false;
        if (disk != null) {
            disk.shutdown();
        }
        if (journal.pendingBytes() > 0) {
            log.warn("{} bytes of decisions stay in the journal until the next start", journal.pendingBytes());
        }
        carefully(journal::force);
    }

    private boolean delivered() {
        return streams.values().stream().allMatch(stream -> stream.idle() || stream.impaired())
                && left.stream().allMatch(stream -> stream.idle() || stream.impaired());
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Streams that have ended do not begin again. */
    @Override
    public boolean isPauseable() {
        return false;
    }

    /** After the web server, before the relay. */
    @Override
    public int getPhase() {
        return 300;
    }
}
