package dev.bandit.service.snapshot;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Takes a snapshot at the end of a service that runs alone, so that whoever reads snapshots sees everything that was counted. */
@Component
@ConditionalOnBooleanProperty("bandit.snapshot.at-end")
final class LastSnapshot implements SmartLifecycle {

    /** After streams have ended and the journal is delivered, before the sinks end. */
    private static final int PHASE = 250;

    private final SnapshotJob job;
    private volatile boolean running;

    LastSnapshot(SnapshotJob job) {
        this.job = job;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        job.takeLast();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return PHASE;
    }
}
