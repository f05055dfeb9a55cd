package dev.bandit.service.file;

import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.experiment.ManagementRefused;
import dev.bandit.service.file.ExperimentsFileReader.Reading;
import dev.bandit.service.startup.StartupProblem;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * Makes the tests of the file experiments, before the first request is taken and again whenever the file changes. A wrong file at start is a
 * {@link StartupProblem}; a wrong change is logged and counted, and what was read last stays in force.
 */
final class FileWatch implements SmartLifecycle {

    /** Who manages the experiments of the file, and changes them. */
    static final String ACTOR = "experiments.yaml";

    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final long INTERVAL_MS = 1_000;

    private final Path path;
    private final ExperimentRegistry experiments;
    private final Counter failures;

    private @Nullable ScheduledExecutorService thread;
    /** What the settings of this process were made from. */
    private @Nullable ExperimentsFile atStart;
    /** The content that was last put in force or refused, null if it could not be read. */
    private byte @Nullable [] settled = new byte[0];
    /** The content as of the last look, which may be half written. */
    private byte @Nullable [] seen = new byte[0];
    /** Whether what stands in the file is in force. */
    private volatile boolean current;
    /** Postgres is away, and it has been told. */
    private boolean waiting;

    FileWatch(Path path, ExperimentRegistry experiments, MeterRegistry metrics) {
        this.path = path;
        this.experiments = experiments;
        failures = Counter.builder("bandit.config.failures")
                .description("Contents of experiments.yaml that were refused")
                .register(metrics);
        Gauge.builder("bandit.config.current", this, watch -> watch.current ? 1 : 0)
                .description("1 when experiments.yaml is in force as it stands, 0 when it is wrong or not yet taken in")
                .register(metrics);
    }

    @Override
    public synchronized void start() {
        if (thread != null) {
            return;
        }
        try {
            byte[] content = ExperimentsFileReader.bytes(path);
            atStart = take(content);
            settled = content;
            seen = content;
        } catch (InvalidFile e) {
            throw new StartupProblem(e.getMessage(), e);
        }
        thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("bandit-config").factory());
        thread.scheduleWithFixedDelay(this::tryLook, INTERVAL_MS, INTERVAL_MS, TimeUnit.MILLISECONDS);
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

    /** Before the web server, whose first request should find the experiments. */
    @Override
    public int getPhase() {
        return 0;
    }

    /** An executor drops a task that throws: whatever goes wrong, there is a next time. */
    private void tryLook() {
        try {
            look();
        } catch (RuntimeException e) {
            LOG.error("{} could not be taken in", path, e);
        }
    }

    /** A content is taken in when two looks in a row have found it, so that nobody is still writing it. */
    private void look() {
        byte[] content = null;
        InvalidFile problem = null;
        try {
            content = ExperimentsFileReader.bytes(path);
        } catch (InvalidFile e) {
            problem = e;
        }
        if (!Arrays.equals(content, seen)) {
            seen = content;
        } else if (!Arrays.equals(content, settled)) {
            current = false;
            settle(content, problem);
        }
    }

    private void settle(byte @Nullable [] content, @Nullable InvalidFile unreadable) {
        try {
            if (content == null) {
                throw unreadable == null ? new InvalidFile(path + ": cannot be read") : unreadable;
            }
            warnOfSettings(take(content));
            settled = content;
            waiting = false;
        } catch (InvalidFile e) {
            failures.increment();
            LOG.error("{} is wrong and was not taken in; what was in force stays so\n{}", path, e.getMessage());
            settled = content;
            waiting = false;
        } catch (DataAccessException | TransactionException e) {
            if (!waiting) {
                waiting = true;
                LOG.warn("{} has changed and waits for Postgres: {}", path, e.getMessage());
            }
        }
    }

    private ExperimentsFile take(byte[] content) throws InvalidFile {
        Reading reading = ExperimentsFileReader.read(path.toString(), content);
        try {
            int changed = experiments.manage(ACTOR, reading.file().tests(), ACTOR);
            LOG.info(
                    "{} is in force: {} tests, {} changed",
                    path,
                    reading.file().tests().size(),
                    changed);
        } catch (ManagementRefused e) {
            throw reading.refused(e.conflicts());
        }
        current = true;
        return reading.file();
    }

    private void warnOfSettings(ExperimentsFile now) {
        ExperimentsFile before = atStart;
        Set<String> changed = before == null ? Set.of() : before.settingsThatDiffer(now);
        if (!changed.isEmpty()) {
            LOG.warn("{} has other settings than at start; they need a restart: {}", path, String.join(", ", changed));
        }
    }
}
