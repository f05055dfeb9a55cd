package dev.bandit.service.totals;

import dev.bandit.core.inference.AdaptiveMean;
import dev.bandit.core.inference.AdaptiveMean.Prediction;
import dev.bandit.core.inference.AdaptiveMean.Weighting;
import dev.bandit.core.inference.Histogram;
import dev.bandit.core.inference.Moments;
import org.jspecify.annotations.Nullable;

/** One arm's totals while they are added to. */
final class ArmFold {

    long decisions;
    long units;
    long rewards;
    long matured;
    long late;
    long micros;
    private long observations;
    private final Moments.Accumulator latency = new Moments.Accumulator();
    private final Histogram latencies;
    private final Moments.Accumulator score = new Moments.Accumulator();
    private final Histogram scores;
    private final AdaptiveMean uniform;
    private final AdaptiveMean adaptive;

    ArmFold(Prediction prediction) {
        latencies = new Histogram();
        scores = new Histogram();
        uniform = new AdaptiveMean(Weighting.UNIFORM, prediction);
        adaptive = new AdaptiveMean(Weighting.SQRT_PROPENSITY, prediction);
    }

    /** Goes on from there. */
    ArmFold(Prediction prediction, ArmTotals before) {
        decisions = before.decisions();
        units = before.units();
        rewards = before.rewards();
        matured = before.matured();
        late = before.late();
        micros = before.micros();
        observations = before.observations();
        latency.merge(before.latency());
        latencies = before.latencyHistogram();
        score.merge(before.score());
        scores = before.scoreHistogram();
        uniform = new AdaptiveMean(Weighting.UNIFORM, prediction, before.uniform());
        adaptive = new AdaptiveMean(Weighting.SQRT_PROPENSITY, prediction, before.adaptive());
    }

    void observed(@Nullable Double latencyMs, @Nullable Double scored) {
        observations++;
        if (latencyMs != null) {
            latency.add(latencyMs);
            latencies.add(latencyMs);
        }
        if (scored != null) {
            score.add(scored);
            scores.add(scored);
        }
    }

    void chosen(double propensity, double reward) {
        uniform.chosen(propensity, reward);
        adaptive.chosen(propensity, reward);
    }

    void passedOver(double propensity) {
        uniform.passedOver(propensity);
        adaptive.passedOver(propensity);
    }

    void rewarded(double propensity, double reward) {
        uniform.rewarded(propensity, reward);
        adaptive.rewarded(propensity, reward);
    }

    ArmTotals totals() {
        return new ArmTotals(
                decisions,
                units,
                rewards,
                matured,
                late,
                micros,
                observations,
                latency.moments(),
                latencies.counts(),
                score.moments(),
                scores.counts(),
                uniform.state(),
                adaptive.state());
    }
}
