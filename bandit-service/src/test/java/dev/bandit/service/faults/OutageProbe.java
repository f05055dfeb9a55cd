package dev.bandit.service.faults;

import dev.bandit.service.faults.OutageClient.Answer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Looks at a service's probes and metrics twice a second, as an orchestrator and a scraper would. */
final class OutageProbe implements AutoCloseable {

    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final List<Answer> liveness = new CopyOnWriteArrayList<>();
    private final List<Answer> readiness = new CopyOnWriteArrayList<>();
    private final List<Answer> metrics = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean stopped;

    private OutageProbe(OutageClient client) {
        thread = Thread.ofPlatform().name("probe").daemon().start(() -> {
            while (!stopped) {
                liveness.add(client.get("/actuator/health/liveness"));
                readiness.add(client.get("/actuator/health/readiness"));
                metrics.add(client.get("/actuator/prometheus"));
                LockSupport.parkNanos(EVERY_NANOS);
            }
        });
    }

    static OutageProbe start(OutageClient client) {
        return new OutageProbe(client);
    }

    List<Answer> liveness() {
        return liveness;
    }

    List<Answer> readiness() {
        return readiness;
    }

    /** Highest value that the metric has had so far; NaN before it was seen. */
    double highest(String metric) {
        return metrics.stream()
                .filter(Answer::ok)
                .mapToDouble(answer -> OutageClient.metric(metric, answer.body()))
                .filter(Double::isFinite)
                .max()
                .orElse(Double.NaN);
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        thread.join();
    }
}
