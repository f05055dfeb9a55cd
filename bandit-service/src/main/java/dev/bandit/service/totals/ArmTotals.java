package dev.bandit.service.totals;

import dev.bandit.core.inference.AdaptiveMean;
import dev.bandit.core.inference.Histogram;
import dev.bandit.core.inference.Moments;
import dev.bandit.service.experiment.Definition.Feedback;
import java.util.Map;

/**
 * What one arm has been through, up to a batch of the ledger.
 *
 * @param decisions how often it was chosen
 * @param units how many different units it was chosen for; decisions without one do not count
 * @param rewards how many outcomes were told
 * @param matured how many windows closed without one
 * @param late rewards after their window: nothing was learned from them
 * @param micros sum of the rewards, in millionths
 * @param observations how many decisions have one
 * @param latency of inference, ms
 * @param latencies the same, counted by value at three digits
 * @param score of the observations
 * @param scores the same, counted by value at three digits
 * @param uniform inverse propensity estimate of the mean reward, all decisions weighing the same
 * @param adaptive the same, weighing by the square root of the propensity
 */
public record ArmTotals(
        long decisions,
        long units,
        long rewards,
        long matured,
        long late,
        long micros,
        long observations,
        Moments latency,
        Map<Double, Long> latencies,
        Moments score,
        Map<Double, Long> scores,
        AdaptiveMean.State uniform,
        AdaptiveMean.State adaptive) {

    /** Outcomes that were learned from: rewards and closed windows. */
    public long outcomes() {
        return rewards + matured;
    }

    /** What the rate of success is of: outcomes; where feedback is exposure, decisions. */
    public long trials(Feedback feedback) {
        return feedback == Feedback.EXPOSURE ? decisions : outcomes();
    }

    /** Latencies for quantiles. */
    public Histogram latencyHistogram() {
        return new Histogram(latencies);
    }

    /** Scores for a rank test. */
    public Histogram scoreHistogram() {
        return new Histogram(scores);
    }
}
