package dev.bandit.service.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.core.posterior.ValueRemaining;
import dev.bandit.core.simulation.PosteriorRule;
import dev.bandit.service.experiment.Definition.Stop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How the stopping rule of an experiment stands. None of its thresholds is a significance level: docs/statistics.md says how often they are
 * passed when nothing differs.
 *
 * @param met whether all conditions hold
 * @param leader the arm that is most probably best
 */
public record Stopping(boolean met, String leader, List<Condition> conditions) {

    /**
     * One of them.
     *
     * @param value as it stands; decisions of the arm that has the fewest, and seconds
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Condition(
            String name, boolean holds, @Nullable Double value, double threshold) {}

    /** What the rule asks of the posteriors: the same in the service, in a report and in a plan. */
    public static PosteriorRule rule(Stop stop) {
        return new PosteriorRule(
                stop.probBest(), stop.maxExpectedLoss(), Objects.requireNonNullElse(stop.maxValueRemaining(), 0.0));
    }

    /**
     * @param posteriors of the arms that are not paused
     * @param ran how long the experiment has
     */
    public static Stopping of(Stop stop, List<ArmReport> posteriors, Duration ran) {
        int best = 0;
        long fewest = Long.MAX_VALUE;
        double[] alpha = new double[posteriors.size()];
        double[] beta = new double[posteriors.size()];
        for (int i = 0; i < alpha.length; i++) {
            ArmReport arm = posteriors.get(i);
            alpha[i] = arm.posterior().alpha();
            beta[i] = arm.posterior().beta();
            fewest = Math.min(fewest, arm.decisions());
            best = arm.probBest() > posteriors.get(best).probBest() ? i : best;
        }
        ArmReport leader = posteriors.get(best);
        PosteriorRule rule = rule(stop);
        List<Condition> conditions = new ArrayList<>();
        conditions.add(
                new Condition("prob_best", rule.sureOfLeader(leader.probBest()), leader.probBest(), rule.probBest()));
        conditions.add(new Condition(
                "max_expected_loss",
                rule.littleToLose(leader.expectedLoss()),
                leader.expectedLoss(),
                rule.maxExpectedLoss()));
        if (rule.maxValueRemaining() > 0) {
            conditions.add(new Condition(
                    "max_value_remaining",
                    rule.littleToGain(best, alpha, beta),
                    ValueRemaining.of(alpha, beta).percentile95(),
                    rule.maxValueRemaining()));
        }
        conditions.add(new Condition(
                "min_decisions_per_arm",
                fewest >= stop.minDecisionsPerArm(),
                (double) fewest,
                stop.minDecisionsPerArm()));
        conditions.add(new Condition(
                "min_runtime_seconds",
                ran.compareTo(stop.minRuntime()) >= 0,
                (double) ran.toSeconds(),
                stop.minRuntime().toSeconds()));
        return new Stopping(conditions.stream().allMatch(Condition::holds), leader.armId(), conditions);
    }
}
