package dev.bandit.service.sink;

import dev.bandit.service.sink.SinkProgress.Step;
import dev.bandit.service.sink.SinkProperties.Following;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies ticks to one sink, in a thread of its own: a sink that is away holds up no other, and then gets what it missed. */
final class Follower {

    private static final Logger log = LoggerFactory.getLogger(Follower.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final String name;
    private final Sink sink;
    private final SinkProgress progress;
    private final Following settings;
    private final Counter rows;
    private final Counter failures;
    private final Counter skipped;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;
    private volatile Instant has;

    Follower(
            String name,
            Sink sink,
            SinkProgress progress,
            Following settings,
            InstantSource clock,
            MeterRegistry metrics) {
        this.name = name;
        this.sink = sink;
        this.progress = progress;
        this.settings = settings;
        this.has = clock.instant();
        rows = Counter.builder("bandit.sink.rows")
                .description("Snapshot rows that this replica wrote to the sink")
                .tag("sink", name)
                .register(metrics);
        failures = Counter.builder("bandit.sink.failures")
                .description("Writes to the sink that failed and were tried again")
                .tag("sink", name)
                .register(metrics);
        skipped = Counter.builder("bandit.sink.skipped")
                .description("Ticks that the sink will not get, since it was away for too long")
                .tag("sink", name)
                .register(metrics);
        Gauge.builder(
                        "bandit.sink.lag",
                        this,
                        follower ->
                                Duration.between(follower.has, clock.instant()).toMillis() / 1000.0)
                .description("Age of the newest tick that the sink has; before the first, time since start")
                .baseUnit("seconds")
                .tag("sink", name)
                .register(metrics);
        thread = Thread.ofPlatform().daemon().name("sink-" + name).unstarted(this::run);
    }

    void start() {
        try {
            // At once, so that a service that has never run gives its sinks the very first tick.
            progress.begin(name);
        } catch (RuntimeException e) {
            log.debug("sink {} will begin later", name, e);
        }
        thread.start();
    }

    /** A sink that is well gets what there is; a write that takes longer is given up. */
    void stop() {
        stopping.countDown();
        try {
            if (!thread.join(PATIENCE)) {
                thread.interrupt();
                log.warn("sink {} was stopped amid a write, which the next start repeats", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sink.close();
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        boolean failing = false;
        boolean stop = false;
        while (!stop) {
            try {
                boolean wrote = step();
                if (failing && wrote) {
                    log.info("sink {} takes snapshots again", name);
                    failing = false;
                    pause = FIRST_PAUSE;
                }
                stop = pause(wrote ? Duration.ZERO : settings.check());
            } catch (RuntimeException e) {
                failures.increment();
                failing = true;
                log.warn("sink {} will be tried again in {} ms: {}", name, pause.toMillis(), e.getMessage());
                stop = pause(pause);
                pause = pause.multipliedBy(2).compareTo(settings.retry()) < 0
                        ? pause.multipliedBy(2)
                        : settings.retry();
            }
        }
        if (!failing) {
            finish();
        }
    }

    /** What was snapshot since the last look, perhaps at the end of the service itself. */
    private void finish() {
        try {
            boolean wrote = true;
            while (wrote && !Thread.currentThread().isInterrupted()) {
                wrote = step();
            }
        } catch (RuntimeException e) {
            failures.increment();
            log.warn("sink {} gets the newest snapshots after the next start: {}", name, e.getMessage());
        }
    }

    /** Whether it wrote something. */
    private boolean step() {
        progress.begin(name);
        Instant tick = progress.tick(name);
        if (tick.isAfter(Instant.EPOCH)) {
            has = tick;
        }
        if (!progress.isBehind(tick)) {
            return false;
        }
        Optional<Step> step = progress.advance(name, settings.catchUp(), sink);
        if (step.isEmpty()) {
            return false;
        }
        rows.increment((double) step.get().rows());
        if (step.get().skipped() > 0) {
            skipped.increment((double) step.get().skipped());
            log.warn(
                    "sink {} was away for too long: {} ticks older than {} were left out",
                    name,
                    step.get().skipped(),
                    settings.catchUp());
        }
        has = progress.tick(name);
        return true;
    }

    /** Whether it is time to stop. */
    private boolean pause(Duration duration) {
        try {
            return stopping.await(duration.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
