package dev.bandit.service.ledger;

import static dev.bandit.service.store.RedisStore.text;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.store.Await;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.RedisStore;
import dev.bandit.service.store.StoreUnavailable;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Moves the outbox of each experiment to Postgres, in order, and then trims it.
 *
 * <p>A step may die anywhere: before the commit nothing has happened; after it the same events are written again and refused by their id.
 */
@Component
public class Relay implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Relay.class);
    private static final int ENTRIES = 256;
    /** A step that takes longer has met a Postgres that is away; nobody else waits for it. */
    private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Ledger ledger;
    private final RedisStore store;
    private final ExperimentRegistry experiments;
    private final DistributionSummary batches;
    private final Counter repeated;
    private final Counter failures;
    private final Map<String, Step> running = new HashMap<>();
    private final Map<String, CompletableFuture<Void>> next = new HashMap<>();
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    /** Whose last step failed; said once. */
    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    private final AtomicLong backlog = new AtomicLong();
    private final AtomicLong oldestMs = new AtomicLong();
    private final ApplicationEventPublisher announcements;
    private volatile boolean live;
    private long round;

    Relay(
            Ledger ledger,
            RedisStore store,
            ExperimentRegistry experiments,
            ApplicationEventPublisher announcements,
            MeterRegistry metrics) {
        this.announcements = announcements;
        this.ledger = ledger;
        this.store = store;
        this.experiments = experiments;
        batches = DistributionSummary.builder("bandit.relay.batch")
                .description("Events moved to Postgres in one transaction")
                .register(metrics);
        repeated = Counter.builder("bandit.relay.repeated")
                .description("Events that Postgres had already")
                .register(metrics);
        failures = Counter.builder("bandit.relay.failures")
                .description("Relay steps that failed and will be tried again")
                .register(metrics);
        Gauge.builder("bandit.outbox.entries", backlog, AtomicLong::get)
                .description("Entries of all outboxes that are not in Postgres yet")
                .register(metrics);
        Gauge.builder("bandit.outbox.lag", oldestMs, ms -> ms.get() / 1000.0)
                .description("Age of the oldest event that is not in Postgres yet")
                .baseUnit("seconds")
                .register(metrics);
    }

    /**
     * What a step did.
     *
     * @param events how many it moved
     * @param behind whether Redis turned out to have less than Postgres
     */
    public record Moved(long events, boolean behind) {}

    /** A step that somebody waits for. */
    private record Step(long startedNanos) {}

    /** Tells that this process has just put something into the experiment's outbox. */
    public void wrote(String experimentId) {
        if (!busy.contains(experimentId)) {
            busy.add(experimentId);
        }
    }

    /**
     * Completes once everything that was in the experiment's outbox at the call is committed to Postgres. All who ask while a step runs share
     * the one after it, unless Postgres does not answer that step.
     *
     * @return failed with {@link LedgerUnavailable} or {@link StoreUnavailable} when it could not be; asking again is safe
     */
    public CompletableFuture<Void> catchUp(String experimentId) {
        synchronized (running) {
            Step step = running.get(experimentId);
            if (step != null) {
                if (System.nanoTime() - step.startedNanos > STUCK_NANOS) {
                    return CompletableFuture.failedFuture(
                            new LedgerUnavailable("The ledger does not answer.", new TimeoutException()));
                }
                return next.computeIfAbsent(experimentId, id -> new CompletableFuture<>());
            }
            CompletableFuture<Void> asked = new CompletableFuture<>();
            start(experimentId, asked);
            return asked;
        }
    }

    private void start(String experimentId, CompletableFuture<Void> asked) {
        running.put(experimentId, new Step(System.nanoTime()));
        Thread.ofVirtual().name("relay " + experimentId).start(() -> {
            try {
                announce(experimentId, ledger.exclusively(experimentId, connection -> step(connection, experimentId)));
                asked.complete(null);
            } catch (RuntimeException e) {
                asked.completeExceptionally(e);
            } finally {
                synchronized (running) {
                    running.remove(experimentId);
                    CompletableFuture<Void> others = next.remove(experimentId);
                    if (others != null) {
                        start(experimentId, others);
                    }
                }
            }
        });
    }

    @Scheduled(fixedDelayString = "${bandit.relay.interval:100ms}")
    synchronized void tick() {
        boolean all = round++ % 50 == 0;
        boolean away = false;
        for (Experiment experiment : experiments.all()) {
            String id = experiment.id();
            if (!busy.remove(id) && !all) {
                continue;
            }
            if (away) {
                busy.add(id);
                continue;
            }
            try {
                ledger.ifFree(id, connection -> step(connection, id))
                        .ifPresentOrElse(moved -> announce(id, moved), () -> busy.add(id));
                failing.remove(id);
            } catch (RuntimeException e) {
                away = e instanceof StoreUnavailable || e.getCause() instanceof SQLTransientConnectionException;
                retryLater(id, e);
            }
        }
    }

    /** Apart from the steps, so that the lag is seen while a step waits for Postgres. */
    @Scheduled(fixedDelayString = "${bandit.relay.measure:1s}")
    void measure() {
        try {
            Map<String, CompletionStage<Long>> lengths = new HashMap<>();
            for (Experiment experiment : experiments.all()) {
                lengths.put(
                        experiment.id(),
                        store.commands().xlen(Keys.of(experiment.id()).outbox()));
            }
            long entries = 0;
            long oldest = 0;
            long now = System.currentTimeMillis();
            for (var length : lengths.entrySet()) {
                long left = Await.reply(length.getValue());
                if (left > 0) {
                    entries += left;
                    oldest = Math.max(oldest, now - oldestOf(length.getKey(), now));
                }
            }
            backlog.set(entries);
            oldestMs.set(oldest);
        } catch (RuntimeException e) {
            log.debug("outboxes not measured", e);
        }
    }

    @Override
    public void start() {
        live = true;
    }

    /** Leaves as little as can be for others, or for the next start. */
    @Override
    public void stop() {
        live = false;
        tick();
    }

    @Override
    public boolean isRunning() {
        return live;
    }

    /** After all that writes to outboxes, before the connection to Redis. */
    @Override
    public int getPhase() {
        return 100;
    }

    /** Outside the lock, which settling the matter needs. */
    private void announce(String experimentId, Moved moved) {
        if (moved.behind) {
            announcements.publishEvent(new StateBehindLedger(experimentId));
        }
    }

    private void retryLater(String experimentId, RuntimeException e) {
        busy.add(experimentId);
        failures.increment();
        if (failing.add(experimentId)) {
            log.warn("relay of {} will be tried again and again: {}", experimentId, e.getMessage());
        }
    }

    private long oldestOf(String experimentId, long otherwise) {
        List<StreamMessage<byte[], byte[]>> first = Await.reply(
                store.commands().xrange(Keys.of(experimentId).outbox(), Range.unbounded(), Limit.create(0, 1)));
        if (first.isEmpty()) {
            return otherwise;
        }
        String id = first.getFirst().getId();
        return Long.parseLong(id, 0, id.indexOf('-'), 10);
    }

    /**
     * Moves what is in the outbox now. Inside {@link Ledger#exclusively}.
     *
     * <p>Redis is behind when its version is lower than what was moved before, or when an entry from before that point has events that
     * Postgres lacks: then the state was lost, and others went on from an older one (ADR 6).
     */
    public Moved step(Connection connection, String experimentId) throws SQLException {
        Keys keys = Keys.of(experimentId);
        byte[] standing = Await.reply(store.commands().get(keys.version()));
        long relayed = ledger.state(connection, experimentId)
                .map(Ledger.StoreState::relayedVersion)
                .orElse(0L);
        boolean behind = relayed > 0 && (standing == null || Long.parseLong(text(standing)) < relayed);
        long moved = 0;
        while (true) {
            List<StreamMessage<byte[], byte[]>> entries =
                    Await.reply(store.commands().xrange(keys.outbox(), Range.unbounded(), Limit.create(0, ENTRIES)));
            if (entries.isEmpty()) {
                return new Moved(moved, behind);
            }
            List<LedgerEvent> fresh = new ArrayList<>();
            List<LedgerEvent> again = new ArrayList<>();
            long newest = relayed;
            for (StreamMessage<byte[], byte[]> entry : entries) {
                long version = 0;
                List<LedgerEvent> events = List.of();
                for (var field : entry.getBody().entrySet()) {
                    switch (text(field.getKey())) {
                        case "v" -> version = Long.parseLong(text(field.getValue()));
                        case "e" -> events = LedgerEvent.readAll(field.getValue());
                        default ->
                            throw new IllegalStateException("field " + text(field.getKey()) + " in the outbox of "
                                    + experimentId + ", expected v or e");
                    }
                }
                (version <= relayed ? again : fresh).addAll(events);
                newest = Math.max(newest, version);
            }
            behind |= ledger.write(connection, experimentId, again, newest, true) > 0;
            repeated.increment(again.size());
            repeated.increment((double) fresh.size() - ledger.write(connection, experimentId, fresh, newest, false));
            Await.reply(store.commands()
                    .xdel(
                            keys.outbox(),
                            entries.stream().map(StreamMessage::getId).toArray(String[]::new)));
            moved += fresh.size() + again.size();
            batches.record(fresh.size() + again.size());
            if (entries.size() < ENTRIES) {
                return new Moved(moved, behind);
            }
        }
    }
}
