package dev.bandit.service.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.core.inference.Interval;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an experiment stands: sentences first, then every number behind them. What cannot be computed yet is left out.
 *
 * @param asOf up to when events are in here
 * @param adaptive whether the policy moved with the rewards: then the fixed-sample tests do not hold
 * @param verdict for the treatment that leads, against the control
 * @param stopping how the stopping rule stands
 * @param reasons for the verdict, in plain sentences
 * @param summary what to know first, in plain sentences
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Report(
        String experimentId,
        String status,
        @Nullable String winner,
        Instant asOf,
        String policy,
        boolean adaptive,
        String verdict,
        List<String> summary,
        List<String> reasons,
        List<Arm> arms,
        List<Comparison> comparisons,
        PowerView power,
        List<Guardrail> guardrails,
        Stopping stopping,
        Health health) {

    /**
     * One arm.
     *
     * @param trials successes and failures: impressions where feedback is exposure, outcomes otherwise
     * @param clicks successes; a fractional reward is part of one
     * @param ci95 the posterior's equal-tailed 95 % credible interval
     * @param share of all impressions
     * @param adaptiveCi95 interval of the mean reward by adaptively weighted inverse propensities, approximate
     * @param anytimeCi95 interval that holds however often one looks
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Arm(
            String armId,
            boolean control,
            long uniqueUnits,
            long impressions,
            long trials,
            double clicks,
            @Nullable Double rate,
            double alpha,
            double beta,
            double mean,
            double[] ci95,
            double probBest,
            double expectedLoss,
            double share,
            double @Nullable [] adaptiveCi95,
            double[] anytimeCi95,
            @Nullable Latency latencyMs,
            @Nullable Double averageScore) {}

    /** Latencies of inference, ms; quantiles to half a percent. */
    record Latency(long observations, double average, double p50, double p95, double p99) {}

    /**
     * A treatment against the control.
     *
     * @param lift difference of the rates
     * @param probBetter probability that the treatment's rate is higher, by the posteriors
     * @param fixedSampleTest valid only for a fixed split that is looked at once, as planned
     * @param anytime interval for the difference that holds however often one looks, and however arms were chosen; of all treatments together
     * @param adaptive interval for the difference by adaptively weighted inverse propensities, approximate
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Comparison(
            String armId,
            @Nullable Double lift,
            @Nullable Double relativeLift,
            double @Nullable [] relativeLiftCi95,
            double probBetter,
            FixedSampleTest fixedSampleTest,
            double[] anytime,
            double @Nullable [] adaptive,
            @Nullable Double cohensH,
            @Nullable Double achievedPower,
            @Nullable WelchView latency,
            @Nullable RankView score) {}

    /**
     * One-sided z test of two proportions.
     *
     * @param valid false where arms were chosen adaptively: shown for those who know what it is worth
     * @param pAdjusted by Holm, over all treatments
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FixedSampleTest(
            boolean valid,
            @Nullable Double z,
            @Nullable Double p,
            @Nullable Double pAdjusted,
            double @Nullable [] liftCi95) {}

    /** Welch's t test of the latencies; the regression is relative to the control's average. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record WelchView(
            double regression,
            @Nullable Double t,
            @Nullable Double df,
            @Nullable Double p) {}

    /** Mann-Whitney U test of the scores, at three digits. */
    record RankView(double u, double probSuperiority, double p) {}

    /**
     * What the sample can tell, for a fixed split.
     *
     * @param requiredPerArm trials that find the minimum lift with the wanted power
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PowerView(
            @Nullable Double controlRate,
            double minLift,
            @Nullable Double effect,
            @Nullable Long requiredPerArm,
            double alpha,
            double power) {}

    /** Something that must hold for shipping. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Guardrail(
            String name, @Nullable Boolean ok, @Nullable Double value, double threshold, String sentence) {}

    /**
     * Whether the numbers can be trusted.
     *
     * @param sampleRatio arms chosen against the propensities on record
     * @param completeness share of impressions that have an observation; left out where nobody observes
     * @param differenceP whether any arm differs: a p value that holds however often one looks
     * @param outcomes chi-squared of arm by success or failure, for a fixed split with rewards of 0 and 1
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Health(
            @Nullable SampleRatioView sampleRatio,
            @Nullable Double completeness,
            @Nullable Double differenceP,
            @Nullable ChiSquaredView outcomes) {}

    /** @param mismatch p below 0.001 */
    record SampleRatioView(double statistic, int df, double p, boolean mismatch) {}

    record ChiSquaredView(double statistic, int df, double p) {}

    static double[] ends(Interval interval) {
        return new double[] {interval.lower(), interval.upper()};
    }
}
