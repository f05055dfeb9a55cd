package dev.bandit.service.snapshot;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.posterior.StateReader;
import dev.bandit.service.problem.Answers;
import dev.bandit.service.report.ArmReport;
import dev.bandit.service.snapshot.SnapshotRow.Totals;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Writes the posteriors of every experiment that is not archived at each tick; of several replicas one does. */
@Component
@EnableConfigurationProperties(SnapshotProperties.class)
class SnapshotJob {

    private static final Logger log = LoggerFactory.getLogger(SnapshotJob.class);

    private final ExperimentRegistry experiments;
    private final StateReader states;
    private final SnapshotTable table;
    private final long intervalMs;
    private final ArmGauges gauges;
    private final Counter failures;
    private volatile long lastTickMs;
    private long done;

    SnapshotJob(
            ExperimentRegistry experiments,
            StateReader states,
            SnapshotTable table,
            SnapshotProperties properties,
            ArmGauges gauges,
            MeterRegistry metrics) {
        this.experiments = experiments;
        this.states = states;
        this.table = table;
        this.intervalMs = properties.interval().toMillis();
        this.gauges = gauges;
        this.lastTickMs = System.currentTimeMillis();
        Gauge.builder("bandit.snapshot.age", this, job -> (System.currentTimeMillis() - job.lastTickMs) / 1000.0)
                .description(
                        "Time since the last tick this replica wrote or found written; before the first, since start")
                .baseUnit("seconds")
                .register(metrics);
        failures = Counter.builder("bandit.snapshot.failures")
                .description("Ticks that failed and were tried again")
                .register(metrics);
    }

    /** Often, so that a tick that failed is tried again while it is still the present one. */
    @Scheduled(fixedDelayString = "${bandit.snapshot.check:500ms}")
    void run() {
        long tick = Math.floorDiv(System.currentTimeMillis(), intervalMs) * intervalMs;
        if (tick == done) {
            return;
        }
        try {
            snapshot(Instant.ofEpochMilli(tick));
            done = tick;
            lastTickMs = System.currentTimeMillis();
        } catch (RuntimeException e) {
            failures.increment();
            log.warn("snapshot of {} will be tried again: {}", Instant.ofEpochMilli(tick), e.getMessage());
        }
    }

    /** One more, between two ticks: what has been counted until now. */
    void takeLast() {
        Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
        try {
            snapshot(now);
        } catch (RuntimeException e) {
            failures.increment();
            log.warn("the last snapshot could not be taken: {}", e.getMessage());
        }
    }

    private synchronized void snapshot(Instant tick) {
        Map<String, List<ArmReport>> reports = new LinkedHashMap<>();
        for (Experiment experiment : experiments.all()) {
            if (experiment.status() == Status.ARCHIVED) {
                continue;
            }
            try {
                reports.put(experiment.id(), reports(experiment));
            } catch (RuntimeException e) {
                // Being rebuilt, perhaps; the others have their tick all the same.
                failures.increment();
                log.warn("no snapshot of {} at {}: {}", experiment.id(), tick, e.getMessage());
            }
        }
        gauges.show(reports);
        table.take(
                tick,
                () -> {
                    List<SnapshotRow> rows = new ArrayList<>();
                    reports.forEach((experimentId, arms) -> {
                        Map<String, Totals> before = table.last(experimentId);
                        for (ArmReport arm : arms) {
                            rows.add(SnapshotRow.from(
                                    experimentId, tick, arm, before.getOrDefault(arm.armId(), Totals.NONE)));
                        }
                    });
                    return rows;
                },
                () -> DensityCurve.of(reports));
    }

    private List<ArmReport> reports(Experiment experiment) {
        return ArmReport.of(
                experiment,
                Answers.await(states.read(
                        experiment, experiment.definition().variants().names(), false)));
    }
}
