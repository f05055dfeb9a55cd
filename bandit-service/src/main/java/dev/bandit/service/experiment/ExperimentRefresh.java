package dev.bandit.service.experiment;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** Looks for changes made by other replicas, again and again. */
final class ExperimentRefresh implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ExperimentRefresh.class);

    private final ExperimentRegistry registry;
    private final Duration interval;
    private @Nullable ScheduledExecutorService thread;

    ExperimentRefresh(ExperimentRegistry registry, Duration interval) {
        this.registry = registry;
        this.interval = interval;
    }

    @Override
    public synchronized void start() {
        if (thread == null) {
            thread = Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("bandit-experiments").factory());
            thread.scheduleWithFixedDelay(this::refresh, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public synchronized void stop() {
        if (thread != null) {
            thread.shutdownNow();
            thread = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }

    /** An executor drops a task that throws: whatever goes wrong, there is a next time. */
    private void refresh() {
        try {
            registry.tryRefresh();
        } catch (RuntimeException e) {
            LOG.error("experiments could not be refreshed", e);
        }
    }
}
