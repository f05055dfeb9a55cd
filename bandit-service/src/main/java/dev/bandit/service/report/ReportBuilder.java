package dev.bandit.service.report;

import dev.bandit.core.inference.AdaptiveMean;
import dev.bandit.core.inference.AdaptiveMean.Prediction;
import dev.bandit.core.inference.AdaptiveMean.Weighting;
import dev.bandit.core.inference.ConfidenceSequence;
import dev.bandit.core.inference.Estimate;
import dev.bandit.core.inference.Holm;
import dev.bandit.core.inference.Interval;
import dev.bandit.core.inference.MannWhitney;
import dev.bandit.core.inference.Power;
import dev.bandit.core.inference.Power.Alternative;
import dev.bandit.core.inference.Proportion;
import dev.bandit.core.inference.TwoProportions;
import dev.bandit.core.inference.WelchTest;
import dev.bandit.core.posterior.BestArm;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.report.Report.Arm;
import dev.bandit.service.report.Report.Comparison;
import dev.bandit.service.report.Report.FixedSampleTest;
import dev.bandit.service.report.Report.Latency;
import dev.bandit.service.report.Report.PowerView;
import dev.bandit.service.report.Report.RankView;
import dev.bandit.service.report.Report.WelchView;
import dev.bandit.service.totals.ArmTotals;
import dev.bandit.service.totals.ExperimentTotals;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The numbers of a report, from the posteriors and the running totals. */
final class ReportBuilder {

    static final double LEVEL = 0.95;

    private final Experiment experiment;
    private final Guardrails guardrails;
    private final List<ArmReport> posteriors;
    private final List<@Nullable ArmTotals> totals = new ArrayList<>();
    private final List<Proportion> rates = new ArrayList<>();
    private final boolean adaptive;
    private final int control;

    ReportBuilder(Experiment experiment, List<ArmReport> posteriors, ExperimentTotals totals) {
        this.experiment = experiment;
        this.posteriors = posteriors;
        Definition definition = experiment.definition();
        guardrails = definition.guardrails();
        adaptive = definition.policy() != Definition.PolicyName.FIXED;
        control = definition.variants().control();
        Feedback feedback = definition.feedback();
        for (ArmReport arm : posteriors) {
            ArmTotals mine = totals.arms().get(arm.armId());
            this.totals.add(mine);
            rates.add(mine == null ? new Proportion(0, 0) : rate(mine, feedback));
        }
    }

    private static Proportion rate(ArmTotals arm, Feedback feedback) {
        double successes = arm.micros() / 1e6;
        long trials = arm.trials(feedback);
        // A success may be told before its exposure.
        return new Proportion(successes, Math.max(trials, (long) Math.ceil(successes)));
    }

    boolean adaptive() {
        return adaptive;
    }

    int control() {
        return control;
    }

    int arms() {
        return posteriors.size();
    }

    Proportion rate(int arm) {
        return rates.get(arm);
    }

    @Nullable
    ArmTotals totals(int arm) {
        return totals.get(arm);
    }

    String name(int arm) {
        return posteriors.get(arm).armId();
    }

    boolean paused(int arm) {
        return experiment.definition().variants().get(arm).paused();
    }

    /** The treatment with the highest mean, of those that are not paused if there is one: the one that a verdict is about. */
    int leader() {
        int leader = -1;
        for (int i = 0; i < posteriors.size(); i++) {
            if (i == control) {
                continue;
            }
            boolean first = leader < 0 || paused(leader) && !paused(i);
            if (first || paused(leader) == paused(i) && mean(i) > mean(leader)) {
                leader = i;
            }
        }
        return leader;
    }

    private double mean(int arm) {
        return posteriors.get(arm).posterior().mean();
    }

    List<Arm> armViews() {
        long impressions = 0;
        for (ArmTotals arm : totals) {
            impressions += arm == null ? 0 : arm.decisions();
        }
        List<Arm> arms = new ArrayList<>();
        for (int i = 0; i < posteriors.size(); i++) {
            ArmReport posterior = posteriors.get(i);
            ArmTotals mine = totals.get(i);
            long shown = mine == null ? 0 : mine.decisions();
            Proportion rate = rates.get(i);
            arms.add(new Arm(
                    posterior.armId(),
                    i == control,
                    mine == null ? 0 : mine.units(),
                    shown,
                    rate.trials(),
                    rate.successes(),
                    boxed(rate.rate()),
                    posterior.posterior().alpha(),
                    posterior.posterior().beta(),
                    posterior.posterior().mean(),
                    new double[] {
                        posterior.interval().lower(), posterior.interval().upper()
                    },
                    posterior.probBest(),
                    posterior.expectedLoss(),
                    impressions == 0 ? 0 : (double) shown / impressions,
                    estimate(i).map(e -> Report.ends(e.interval(LEVEL))).orElse(null),
                    Report.ends(ConfidenceSequence.interval(
                            rate, ConfidenceSequence.bonferroni(1 - LEVEL, posteriors.size()))),
                    latency(mine),
                    mine == null || mine.score().n() == 0 ? null : mine.score().mean()));
        }
        return arms;
    }

    private static @Nullable Latency latency(@Nullable ArmTotals arm) {
        if (arm == null || arm.latency().n() == 0) {
            return null;
        }
        var histogram = arm.latencyHistogram();
        return new Latency(
                arm.latency().n(),
                arm.latency().mean(),
                histogram.quantile(0.5).orElseThrow(),
                histogram.quantile(0.95).orElseThrow(),
                histogram.quantile(0.99).orElseThrow());
    }

    /** By adaptively weighted inverse propensities; empty where they are not on record. */
    private Optional<Estimate> estimate(int arm) {
        ArmTotals mine = totals.get(arm);
        if (!adaptive || mine == null) {
            return Optional.empty();
        }
        Prediction prediction =
                experiment.definition().feedback() == Feedback.EXPOSURE ? Prediction.NOTHING : Prediction.RUNNING_MEAN;
        return new AdaptiveMean(Weighting.SQRT_PROPENSITY, prediction, mine.adaptive()).estimate();
    }

    List<Comparison> comparisons() {
        List<Integer> treatments = new ArrayList<>();
        List<Double> pValues = new ArrayList<>();
        for (int i = 0; i < posteriors.size(); i++) {
            if (i != control) {
                treatments.add(i);
                pValues.add(pair(i).pValueGreater().orElse(Double.NaN));
            }
        }
        double[] known = pValues.stream()
                .filter(p -> !p.isNaN())
                .mapToDouble(Double::doubleValue)
                .toArray();
        double[] adjusted = known.length == 0 ? known : Holm.adjusted(known);
        List<Comparison> comparisons = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < treatments.size(); i++) {
            Double mine = pValues.get(i).isNaN() ? null : adjusted[next++];
            comparisons.add(comparison(treatments.get(i), mine));
        }
        return comparisons;
    }

    private TwoProportions pair(int treatment) {
        return new TwoProportions(rates.get(control), rates.get(treatment));
    }

    private Comparison comparison(int treatment, @Nullable Double pAdjusted) {
        TwoProportions pair = pair(treatment);
        OptionalDouble controlRate = rates.get(control).rate();
        OptionalDouble rate = rates.get(treatment).rate();
        boolean both = controlRate.isPresent() && rate.isPresent();
        Double effect = both ? Power.cohensH(controlRate.getAsDouble(), rate.getAsDouble()) : null;
        return new Comparison(
                name(treatment),
                boxed(pair.difference()),
                boxed(pair.relativeLift()),
                pair.relativeLiftInterval(LEVEL).map(Report::ends).orElse(null),
                BestArm.probabilityGreater(
                        posteriors.get(treatment).posterior(),
                        posteriors.get(control).posterior()),
                new FixedSampleTest(
                        !adaptive,
                        boxed(pair.z()),
                        boxed(pair.pValueGreater()),
                        pAdjusted,
                        pair.newcombe(LEVEL).map(Report::ends).orElse(null)),
                Report.ends(anytime(treatment, 1)),
                estimate(treatment)
                        .flatMap(mine -> estimate(control).map(mine::minus))
                        .map(difference -> Report.ends(difference.interval(LEVEL)))
                        .orElse(null),
                effect,
                effect == null ? null : achievedPower(treatment),
                welch(treatment),
                rank(treatment));
    }

    /**
     * The difference to the control, at all times and for all treatments together, if there were so many times as many trials as there are.
     */
    Interval anytime(int treatment, double times) {
        return ConfidenceSequence.difference(
                times(rates.get(control), times),
                times(rates.get(treatment), times),
                ConfidenceSequence.bonferroni(guardrails.alpha(), posteriors.size() - 1));
    }

    private static Proportion times(Proportion rate, double times) {
        return times == 1 ? rate : new Proportion(rate.successes() * times, (long) Math.ceil(rate.trials() * times));
    }

    /** Of finding the minimum lift with as many trials as the smaller arm has. */
    private @Nullable Double achievedPower(int treatment) {
        OptionalDouble effect = minimumEffect();
        long trials = Math.min(rates.get(control).trials(), rates.get(treatment).trials());
        return effect.isEmpty()
                ? null
                : Power.power(effect.getAsDouble(), (double) trials, guardrails.alpha(), Alternative.TWO_SIDED);
    }

    /** Cohen's h of the control's rate and that rate plus the minimum lift. */
    private OptionalDouble minimumEffect() {
        OptionalDouble rate = rates.get(control).rate();
        return rate.isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(
                        Power.cohensH(rate.getAsDouble(), Math.min(1, rate.getAsDouble() + guardrails.minLift())));
    }

    PowerView power() {
        OptionalDouble effect = minimumEffect();
        OptionalDouble required = effect.isEmpty() || !(guardrails.power() > guardrails.alpha())
                ? OptionalDouble.empty()
                : Power.samplePerArm(
                        effect.getAsDouble(), guardrails.alpha(), guardrails.power(), Alternative.TWO_SIDED);
        return new PowerView(
                boxed(rates.get(control).rate()),
                guardrails.minLift(),
                boxed(effect),
                required.isEmpty() ? null : (long) Math.ceil(required.getAsDouble()),
                guardrails.alpha(),
                guardrails.power());
    }

    private @Nullable WelchView welch(int treatment) {
        ArmTotals mine = totals.get(treatment);
        ArmTotals theirs = totals.get(control);
        if (mine == null
                || theirs == null
                || mine.latency().n() == 0
                || !(theirs.latency().mean() > 0)) {
            return null;
        }
        Optional<WelchTest> test = WelchTest.of(theirs.latency(), mine.latency());
        return new WelchView(
                mine.latency().mean() / theirs.latency().mean() - 1,
                test.map(WelchTest::statistic).orElse(null),
                test.map(WelchTest::degreesOfFreedom).orElse(null),
                test.map(WelchTest::pValueTwoSided).orElse(null));
    }

    private @Nullable RankView rank(int treatment) {
        ArmTotals mine = totals.get(treatment);
        ArmTotals theirs = totals.get(control);
        if (mine == null || theirs == null) {
            return null;
        }
        return MannWhitney.of(
                        theirs.scoreHistogram().toValueCounts(),
                        mine.scoreHistogram().toValueCounts())
                .map(test -> new RankView(test.u(), test.probabilityOfSuperiority(), test.pValueTwoSided()))
                .orElse(null);
    }

    static @Nullable Double boxed(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }
}
