package dev.bandit.service.snapshot;

import dev.bandit.service.report.ArmReport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** Gauges per arm, at most {@code bandit.metrics.max-arms} arms in all; arms beyond that are in Postgres only. */
@Component
class ArmGauges {

    private final MultiGauge mean;
    private final MultiGauge probBest;
    private final MultiGauge decisions;
    private final int maxArms;

    ArmGauges(MeterRegistry metrics, @Value("${bandit.metrics.max-arms:200}") int maxArms) {
        this.maxArms = maxArms;
        mean = MultiGauge.builder("bandit.arm.mean")
                .description("Posterior mean of the arm's success rate")
                .register(metrics);
        probBest = MultiGauge.builder("bandit.arm.prob.best")
                .description("Probability that the arm is best")
                .register(metrics);
        decisions = MultiGauge.builder("bandit.arm.decisions")
                .description("Decisions for the arm so far")
                .register(metrics);
    }

    /** Shows these experiments and no others. */
    void show(Map<String, List<ArmReport>> reports) {
        List<MultiGauge.Row<?>> means = new ArrayList<>();
        List<MultiGauge.Row<?>> bests = new ArrayList<>();
        List<MultiGauge.Row<?>> counts = new ArrayList<>();
        int left = maxArms;
        for (var experiment : reports.entrySet()) {
            for (ArmReport arm : experiment.getValue()) {
                if (left-- <= 0) {
                    break;
                }
                Tags tags = Tags.of("experiment", experiment.getKey(), "arm", arm.armId());
                means.add(MultiGauge.Row.of(tags, arm.posterior().mean()));
                bests.add(MultiGauge.Row.of(tags, arm.probBest()));
                counts.add(MultiGauge.Row.of(tags, arm.decisions()));
            }
        }
        mean.register(means, true);
        probBest.register(bests, true);
        decisions.register(counts, true);
    }
}
