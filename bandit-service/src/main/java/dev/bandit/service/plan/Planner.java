package dev.bandit.service.plan;

import dev.bandit.core.inference.Power;
import dev.bandit.core.inference.Power.Alternative;
import dev.bandit.core.policy.FixedSplit;
import dev.bandit.core.policy.Policy;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.core.simulation.AnytimeRule;
import dev.bandit.core.simulation.BernoulliArms;
import dev.bandit.core.simulation.ChangingArms;
import dev.bandit.core.simulation.FixedSampleRule;
import dev.bandit.core.simulation.PosteriorRule;
import dev.bandit.core.simulation.Schedule;
import dev.bandit.core.simulation.StopRule;
import dev.bandit.core.simulation.Summary;
import dev.bandit.core.simulation.Trial;
import dev.bandit.service.experiment.DurationText;
import dev.bandit.service.plan.Forecast.Design;
import dev.bandit.service.plan.Forecast.FixedSample;
import dev.bandit.service.report.Stopping;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Simulates a plan: the bandit under its rule, the fixed split with its one test, and both again with arms that do not differ. */
public final class Planner {

    /** One look at two arms, and what each further arm adds: measured, in microseconds. */
    private static final double LOOK_MICROS = 6;

    private static final double ARM_MICROS = 3;

    private static final int FEWEST_LOOKS = 200;
    private static final int ENOUGH_RUNS = 200;
    private static final long LARGEST_SAMPLE = 1_000_000_000_000_000L;
    private static final double VALUE_REMAINING = 0.01;
    private static final double ROUNDING = 1e-9;

    private final Duration budget;
    private final boolean parallel;

    /**
     * @param budget roughly how much processor time a plan may take; larger ones are simulated more coarsely
     * @param parallel whether more than one processor may be used
     */
    public Planner(Duration budget, boolean parallel) {
        this.budget = budget;
        this.parallel = parallel;
    }

    /** The forecast; the same plan always has the same. */
    public Forecast forecast(Plan plan) {
        List<String> notes = new ArrayList<>();
        Work work = affordable(plan, notes);
        FixedSample sample = fixedSample(plan);
        if (sample == null) {
            notes.add(
                    "With a min_lift of 0 no sample is large enough, so that the fixed split is ended by the bandit's rule.");
        }
        double lift = Arrays.stream(plan.rates()).max().orElseThrow()
                - plan.arms().getFirst().rate();
        if (lift > 0 && lift < plan.guardrails().minLift() - ROUNDING) {
            notes.add(
                    "The lift you expect, %s to %s, is below the min_lift, so that the fixed split has too small a sample to find it."
                            .formatted(
                                    Numbers.rate(plan.arms().getFirst().rate()),
                                    Numbers.rate(plan.arms().getFirst().rate() + lift)));
        }
        Design bandit = design(plan, work, new Thompson(), rule(plan), work.schedule);
        Design fixed = sample == null
                ? design(plan, work, new FixedSplit(), rule(plan), work.schedule)
                : design(
                        plan,
                        work,
                        new FixedSplit(),
                        new FixedSampleRule(sample.perArm(), plan.guardrails().alpha()),
                        once(plan, sample));
        return new Forecast(
                Advice.of(plan, bandit, fixed, sample), sample, bandit, fixed, work.replications, plan.seed(), notes);
    }

    private record Work(Schedule schedule, int replications) {}

    /** Fewer runs down to two hundred, then fewer looks down to as many, then fewer runs still. */
    private Work affordable(Plan plan, List<String> notes) {
        Duration every = plan.lookEvery();
        Schedule schedule = schedule(plan, every);
        double runs = runs(schedule, plan);
        while (runs < Math.min(ENOUGH_RUNS, plan.replications())
                && Duration.ofDays(plan.maxDays()).dividedBy(every) > FEWEST_LOOKS) {
            every = twice(every);
            schedule = schedule(plan, every);
            runs = runs(schedule, plan);
        }
        int replications = (int) Math.clamp(runs, Plan.MIN_REPLICATIONS, plan.replications());
        if (!every.equals(plan.lookEvery())) {
            notes.add(
                    "To bound the work, the rule was asked every %s and not every %s; asked more often, it stops a little sooner and errs a little more often."
                            .formatted(DurationText.format(every), DurationText.format(plan.lookEvery())));
        }
        if (replications < plan.replications()) {
            notes.add("To bound the work, there were %d runs and not %d.".formatted(replications, plan.replications()));
        }
        return new Work(schedule, replications);
    }

    /** In whole hours from one hour on, as people look. */
    private static Duration twice(Duration every) {
        Duration twice = every.multipliedBy(2);
        return twice.toHours() < 1 ? twice : Duration.ofHours(Math.ceilDiv(twice.toSeconds(), 3_600));
    }

    /** How many runs of the bandit the budget pays for, each of them twice: as planned, and with equal arms. */
    private double runs(Schedule schedule, Plan plan) {
        double micros =
                schedule.steps() * (LOOK_MICROS + ARM_MICROS * (plan.arms().size() - 2));
        return budget.toNanos() / 1e3 / (2 * micros);
    }

    private static Schedule schedule(Plan plan, Duration every) {
        return Schedule.of(
                plan.horizon(),
                Math.max(1, plan.decisionsIn(every)),
                plan.refresh().isZero() ? 0 : Math.max(1, plan.decisionsIn(plan.refresh())),
                plan.decisionsIn(plan.delay()));
    }

    /** One look, when the sample is in and the least runtime is over. */
    private static Schedule once(Plan plan, FixedSample sample) {
        long delay = plan.decisionsIn(plan.delay());
        long least = plan.decisionsIn(plan.stop().minRuntime()) - delay;
        return Schedule.once(Math.max(sample.total(), least), plan.horizon(), delay);
    }

    private static @Nullable FixedSample fixedSample(Plan plan) {
        int arms = plan.arms().size();
        double control = plan.arms().getFirst().rate();
        double rate = control + plan.guardrails().minLift();
        OptionalDouble planned = Power.samplePerArm(
                Power.cohensH(control, rate),
                plan.guardrails().alpha() / (arms - 1),
                plan.guardrails().power(),
                Alternative.LARGER);
        if (planned.isEmpty()) {
            return null;
        }
        long perArm = (long) Math.clamp(Math.ceil(planned.getAsDouble()), 1, (double) LARGEST_SAMPLE / arms);
        long total = perArm * arms;
        return new FixedSample(perArm, total, rate, plan.days(total) + plan.days(plan.decisionsIn(plan.delay())));
    }

    private static StopRule rule(Plan plan) {
        StopRule rule = switch (plan.rule()) {
            case POSTERIOR -> Stopping.rule(plan.stop());
            case VALUE_REMAINING -> new PosteriorRule(0, 1, VALUE_REMAINING);
            case ANYTIME ->
                new AnytimeRule(AnytimeRule.Evidence.EITHER, plan.guardrails().alpha());
        };
        return rule.notBefore(
                plan.decisionsIn(plan.stop().minRuntime()), plan.stop().minDecisionsPerArm());
    }

    private Design design(Plan plan, Work work, Policy policy, StopRule rule, Schedule schedule) {
        BernoulliArms arms = BernoulliArms.of(plan.rates());
        Summary summary = summary(arms, plan, work, policy, rule, schedule);
        double[] equal = plan.rates();
        Arrays.fill(equal, equal[0]);
        double ships = arms.allEqual()
                ? summary.shipped()
                : summary(BernoulliArms.of(equal), plan, work, policy, rule, schedule)
                        .shipped();
        return new Design(
                days(plan, summary.medianDecisions()),
                days(plan, summary.percentile90Decisions()),
                summary.undecided(),
                arms.allEqual() ? summary.shipped() : summary.wrong(),
                ships,
                summary.meanRegret(),
                1.96 * summary.regretStandardError(),
                summary.meanRegretUntilVerdict());
    }

    private Summary summary(BernoulliArms arms, Plan plan, Work work, Policy policy, StopRule rule, Schedule schedule) {
        BetaPosterior prior =
                new BetaPosterior(plan.prior().alpha(), plan.prior().beta());
        Trial trial = new Trial(ChangingArms.of(arms), prior, policy, plan.minAllocation(), rule, schedule);
        return Summary.of(arms, trial.play(work.replications, plan.seed(), parallel));
    }

    private static @Nullable Double days(Plan plan, OptionalLong decisions) {
        return decisions.isPresent() ? plan.days(decisions.getAsLong()) : null;
    }
}
