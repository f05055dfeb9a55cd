package dev.bandit.service.report;

import dev.bandit.core.inference.AdaptiveSampleRatio;
import dev.bandit.core.inference.ChiSquaredTest;
import dev.bandit.core.inference.EqualArmsEProcess;
import dev.bandit.core.inference.Interval;
import dev.bandit.core.inference.Verdict;
import dev.bandit.core.inference.Verdict.Facts;
import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.posterior.StateReader;
import dev.bandit.service.problem.Answers;
import dev.bandit.service.report.Report.ChiSquaredView;
import dev.bandit.service.report.Report.Comparison;
import dev.bandit.service.report.Report.Guardrail;
import dev.bandit.service.report.Report.Health;
import dev.bandit.service.report.Report.PowerView;
import dev.bandit.service.report.Report.SampleRatioView;
import dev.bandit.service.totals.ArmTotals;
import dev.bandit.service.totals.ExperimentTotals;
import dev.bandit.service.totals.ExperimentTotals.Shared;
import dev.bandit.service.totals.RunningTotals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Says where an experiment stands. */
@Component
class ReportService {

    /** How long a report waits for events that are not in the totals yet. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** Share of impressions that must have an observation, where anybody observes. */
    private static final double COMPLETENESS = 0.9;
    /** An arm with fewer expected choices is too rare for the approximation. */
    private static final double LEAST_EXPECTED = 5;

    private final StateReader states;
    private final RunningTotals totals;
    private final TrafficRate traffic;
    private final Standings standings;

    ReportService(StateReader states, RunningTotals totals, TrafficRate traffic, Standings standings) {
        this.standings = standings;
        this.states = states;
        this.totals = totals;
        this.traffic = traffic;
    }

    Report report(Experiment experiment) {
        ExperimentTotals sums = totals.catchUp(experiment, PATIENCE);
        List<ArmReport> posteriors = ArmReport.of(
                experiment,
                Answers.await(states.read(
                        experiment, experiment.definition().variants().names(), false)));
        ReportBuilder numbers = new ReportBuilder(experiment, posteriors, sums);
        List<Comparison> comparisons = numbers.comparisons();
        PowerView power = numbers.power();
        Health health = health(numbers, sums);
        int leader = numbers.leader();
        Comparison leading = comparisons.get(leader < numbers.control() ? leader : leader - 1);
        Standing standing = new Standing(numbers, leading, power, guardrails(experiment));
        List<Guardrail> rails = rails(standing, health);
        Facts facts = new Facts(
                complete(numbers, health),
                health.sampleRatio() != null && health.sampleRatio().mismatch(),
                standing.slower(),
                standing.decided(),
                standing.better(),
                standing.enough());
        Verdict verdict = Verdict.of(facts);
        Sentences sentences = new Sentences(experiment, numbers, leading, standing, health, traffic);
        return new Report(
                experiment.id(),
                experiment.status().label(),
                experiment.winner(),
                sums.at(),
                experiment.definition().policy().label(),
                numbers.adaptive(),
                verdict.label(),
                sentences.summary(verdict),
                sentences.reasons(verdict),
                numbers.armViews(),
                comparisons,
                power,
                rails,
                Stopping.of(
                        experiment.definition().stop(),
                        ArmReport.active(experiment, posteriors),
                        standings.ran(experiment)),
                health);
    }

    private static Guardrails guardrails(Experiment experiment) {
        return experiment.definition().guardrails();
    }

    /** What the guardrails say of the leading treatment. */
    record Standing(ReportBuilder numbers, Comparison leading, PowerView power, Guardrails guardrails) {

        boolean slower() {
            return leading.latency() != null && leading.latency().regression() > guardrails.maxLatencyRegression();
        }

        boolean enough() {
            return leading.lift() != null && leading.lift() >= guardrails.minLift();
        }

        /** A fixed split: when the sample is as large as was planned. Otherwise: when the interval that holds at all times says so. */
        boolean decided() {
            if (!numbers.adaptive()) {
                Long required = power.requiredPerArm();
                return required != null
                        && trials(numbers.control()) >= required
                        && trials(numbers.leader()) >= required;
            }
            return decides(anytime(1));
        }

        boolean better() {
            if (!numbers.adaptive()) {
                Double p = leading.fixedSampleTest().pAdjusted();
                return p != null && p < guardrails.alpha();
            }
            return anytime(1).lower() > 0;
        }

        boolean decides(Interval difference) {
            return difference.lower() > 0 && enough() || difference.upper() < guardrails.minLift();
        }

        Interval anytime(double times) {
            return numbers.anytime(numbers.leader(), times);
        }

        long trials(int arm) {
            return numbers.rate(arm).trials();
        }
    }

    private static boolean complete(ReportBuilder numbers, Health health) {
        for (int i = 0; i < numbers.arms(); i++) {
            if (numbers.rate(i).trials() == 0 && !numbers.paused(i)) {
                return false;
            }
        }
        return health.completeness() == null || health.completeness() >= COMPLETENESS;
    }

    private static List<Guardrail> rails(Standing standing, Health health) {
        Guardrails wanted = standing.guardrails;
        Comparison leading = standing.leading;
        List<Guardrail> rails = new ArrayList<>();
        rails.add(new Guardrail(
                "min_lift",
                leading.lift() == null ? null : standing.enough(),
                leading.lift(),
                wanted.minLift(),
                "The lift of " + leading.armId() + " is at least " + Sentences.points(wanted.minLift()) + "."));
        Double regression = leading.latency() == null ? null : leading.latency().regression();
        rails.add(new Guardrail(
                "max_latency_regression",
                regression == null ? null : !standing.slower(),
                regression,
                wanted.maxLatencyRegression(),
                "On average " + leading.armId() + " is at most " + Sentences.percent(wanted.maxLatencyRegression())
                        + " slower than the control."));
        rails.add(new Guardrail(
                "power",
                leading.achievedPower() == null ? null : leading.achievedPower() >= wanted.power(),
                leading.achievedPower(),
                wanted.power(),
                String.format(
                        Locale.ROOT,
                        "A fixed split of this size finds the minimum lift with at least %s, at a level of %s.",
                        Sentences.percent(wanted.power()),
                        Sentences.percent(wanted.alpha()))));
        rails.add(new Guardrail(
                "completeness",
                health.completeness() == null ? null : health.completeness() >= COMPLETENESS,
                health.completeness(),
                COMPLETENESS,
                "At least " + Sentences.percent(COMPLETENESS) + " of the impressions have an observation."));
        return rails;
    }

    private static Health health(ReportBuilder numbers, ExperimentTotals sums) {
        long impressions = 0;
        long observations = 0;
        for (int i = 0; i < numbers.arms(); i++) {
            ArmTotals arm = numbers.totals(i);
            impressions += arm == null ? 0 : arm.decisions();
            observations += arm == null ? 0 : arm.observations();
        }
        Shared shared = sums.shared();
        return new Health(
                shared == null || shared.arms().isEmpty() ? null : ratio(shared),
                observations == 0 || impressions == 0 ? null : Math.min(1, (double) observations / impressions),
                shared == null || shared.arms().isEmpty() ? null : differenceP(shared),
                numbers.adaptive() ? null : outcomes(numbers));
    }

    private static @Nullable SampleRatioView ratio(Shared shared) {
        return new AdaptiveSampleRatio(shared.arms().size(), shared.ratio())
                .pooledResult(LEAST_EXPECTED)
                .map(result -> new SampleRatioView(
                        Math.min(result.statistic(), Double.MAX_VALUE),
                        result.degreesOfFreedom(),
                        result.pValue(),
                        result.isMismatch()))
                .orElse(null);
    }

    private static @Nullable Double differenceP(Shared shared) {
        var evidence = new EqualArmsEProcess(shared.arms().size(), shared.evidence());
        boolean any = shared.evidence().trials().stream().anyMatch(trials -> trials > 0);
        return any ? evidence.pValue() : null;
    }

    private static @Nullable ChiSquaredView outcomes(ReportBuilder numbers) {
        long[][] table = new long[numbers.arms()][2];
        for (int i = 0; i < table.length; i++) {
            double successes = numbers.rate(i).successes();
            if (successes != Math.rint(successes)) {
                return null;
            }
            table[i][0] = (long) successes;
            table[i][1] = numbers.rate(i).trials() - (long) successes;
        }
        return ChiSquaredTest.of(table)
                .map(test -> new ChiSquaredView(test.statistic(), test.degreesOfFreedom(), test.pValue()))
                .orElse(null);
    }
}
