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
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Writes the posteriors of every running experiment at each tick; of several replicas one does. */
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
                .description("Time since the last tick this replica wrote or found written; before the first, since start")
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

    private void snapshot(Instant tick) {
        List<Experiment> live = experiments.all().stream()
                .filter(experiment -> experiment.status() != Status.ARCHIVED)
                .toList();
        for (Experiment experiment : live) {
            gauges.show(experiment.id(), reports(experiment));
        }
        table.take(tick, () -> {
            List<SnapshotRow> rows = new ArrayList<>();
            for (Experiment experiment : live) {
                Map<String, Totals> before = table.last(experiment.id());
                for (ArmReport arm : reports(experiment)) {
                    rows.add(SnapshotRow.from(
                            experiment.id(), tick, arm, before.getOrDefault(arm.armId(), Totals.NONE)));
                }
            }
            return rows;
        });
    }

    private List<ArmReport> reports(Experiment experiment) {
        return ArmReport.of(
                experiment,
                Answers.await(states.read(
                        experiment, experiment.definition().variants().names(), false)));
    }
}
