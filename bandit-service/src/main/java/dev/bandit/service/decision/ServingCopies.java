package dev.bandit.service.decision;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.experiment.ExperimentChanged;
import dev.bandit.service.posterior.FencedStore;
import dev.bandit.service.posterior.PosteriorProperties;
import dev.bandit.service.store.StoreUnavailable;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.annotation.PreDestroy;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The copies of the posteriors that selects work from, each no older than {@code bandit.posterior.max-staleness} while Redis answers, and the
 * last one known while it does not.
 *
 * <p>Copies in use are refreshed in the background, so that a select waits only for the first copy of an experiment, or after a pause in its
 * traffic. Where computing the propensities takes longer than half the allowed age (thousands of arms), twice that time is allowed.
 */
@Component
class ServingCopies {

    private static final Logger log = LoggerFactory.getLogger(ServingCopies.class);
    private static final long FIRST_WAIT_MS = 8_000;
    private static final long USED_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final FencedStore store;
    private final long maxStalenessNanos;
    private final long waitMs;
    private final Map<String, Copy> copies = new ConcurrentHashMap<>();
    private final ScheduledExecutorService refreshing = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("posterior-refresh").daemon().factory());
    private final ExecutorService computing = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("propensities").daemon().factory());

    ServingCopies(
            FencedStore store, PosteriorProperties posterior, DecisionProperties decision, MeterRegistry metrics) {
        this.store = store;
        this.maxStalenessNanos = posterior.maxStaleness().toNanos();
        this.waitMs = decision.storeTimeout().toMillis();
        if (maxStalenessNanos > 0) {
            long everyMs = Math.max(5, posterior.maxStaleness().toMillis() / 3);
            refreshing.scheduleWithFixedDelay(this::refreshUsed, everyMs, everyMs, TimeUnit.MILLISECONDS);
        }
        Gauge.builder("bandit.posterior.staleness", this, ServingCopies::oldestSeconds)
                .description("Age of the oldest copy of the posteriors that selects work from")
                .baseUnit("seconds")
                .register(metrics);
    }

    private static final class Copy {
        private @Nullable CompletableFuture<Serving> refreshing;
        private volatile @Nullable Serving serving;
        private volatile long usedNanos = System.nanoTime();
        private volatile long failedNanos = System.nanoTime() - 2 * GIVE_UP_NANOS;
    }

    /** A copy, and whether it is as fresh as promised. */
    record Current(Serving serving, boolean fresh) {}

    /**
     * The copy to choose from.
     *
     * @throws StoreUnavailable when there is none yet and Redis does not answer
     */
    Current current(Experiment experiment) {
        Copy copy = copies.get(experiment.id());
        if (copy == null) {
            copy = copies.computeIfAbsent(experiment.id(), id -> new Copy());
        }
        long now = System.nanoTime();
        if (now - copy.usedNanos > USED_NANOS / 4) {
            copy.usedNanos = now;
        }
        Serving serving = copy.serving;
        if (serving != null && fresh(serving, experiment, now)) {
            return new Current(serving, true);
        }
        if (serving != null && now - copy.failedNanos < GIVE_UP_NANOS) {
            return new Current(serving, false);
        }
        try {
            long wait = serving == null ? FIRST_WAIT_MS : waitMs;
            Serving refreshed = refresh(experiment, copy).get(wait, TimeUnit.MILLISECONDS);
            if (refreshed.experiment().version() < experiment.version()) {
                // That refresh was under way before the definition changed.
                refreshed = refresh(experiment, copy).get(wait, TimeUnit.MILLISECONDS);
            }
            return new Current(refreshed, refreshed.experiment().version() >= experiment.version());
        } catch (ExecutionException | TimeoutException e) {
            copy.failedNanos = System.nanoTime();
            if (serving != null) {
                return new Current(serving, false);
            }
            throw new StoreUnavailable("The posteriors of " + experiment.id() + " could not be read from Redis.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailable(
                    "The posteriors of " + experiment.id() + " were not waited for: interrupted.", e);
        }
    }

    private boolean fresh(Serving serving, Experiment experiment, long now) {
        long allowed = maxStalenessNanos == 0 ? 0 : Math.max(maxStalenessNanos, 2 * serving.computeNanos());
        return serving.experiment().version() == experiment.version() && now - serving.confirmedNanos() <= allowed;
    }

    /** The arms are laid out, and the first copy is made, before anybody asks. */
    @EventListener
    void changed(ExperimentChanged change) {
        Experiment experiment = change.now();
        if (experiment.status() != Status.ARCHIVED) {
            Copy copy = copies.computeIfAbsent(experiment.id(), id -> new Copy());
            refresh(experiment, copy).exceptionally(failure -> {
                log.debug("posteriors of {} not read yet", experiment.id(), failure);
                return null;
            });
        }
    }

    /** One refresh at a time and experiment; all who ask meanwhile share it. */
    private CompletableFuture<Serving> refresh(Experiment experiment, Copy copy) {
        synchronized (copy) {
            if (copy.refreshing != null) {
                return copy.refreshing;
            }
            CompletableFuture<Serving> result = new CompletableFuture<>();
            copy.refreshing = result;
            long asked = System.nanoTime();
            Serving known = copy.serving;
            store.read(experiment, known == null ? null : known.posteriors())
                    .thenCompose(read -> {
                        if (read.isEmpty() && known != null) {
                            known.confirm(asked);
                            return CompletableFuture.completedFuture(known);
                        }
                        return CompletableFuture.supplyAsync(
                                () -> new Serving(experiment, read.orElseThrow(), asked), computing);
                    })
                    .whenComplete((serving, failure) -> {
                        synchronized (copy) {
                            copy.refreshing = null;
                            if (failure == null) {
                                copy.serving = serving;
                            }
                        }
                        if (failure == null) {
                            result.complete(serving);
                        } else {
                            result.completeExceptionally(failure);
                        }
                    });
            return result;
        }
    }

    /** Often enough that no copy in use gets too old. */
    private void refreshUsed() {
        long now = System.nanoTime();
        for (Copy copy : copies.values()) {
            Serving serving = copy.serving;
            if (serving != null && now - copy.usedNanos < USED_NANOS) {
                refresh(serving.experiment(), copy).exceptionally(failure -> {
                    copy.failedNanos = System.nanoTime();
                    log.debug(
                            "posteriors of {} not refreshed",
                            serving.experiment().id(),
                            failure);
                    return serving;
                });
            }
        }
    }

    private double oldestSeconds() {
        long now = System.nanoTime();
        long oldest = 0;
        for (Copy copy : copies.values()) {
            Serving serving = copy.serving;
            if (serving != null && now - copy.usedNanos < USED_NANOS) {
                oldest = Math.max(oldest, now - serving.confirmedNanos());
            }
        }
        return oldest / 1e9;
    }

    @PreDestroy
    void stop() {
        refreshing.shutdownNow();
        computing.shutdownNow();
    }
}
