package dev.bandit.pipeline.conclude;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.core.posterior.BestArm;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.core.posterior.CredibleInterval;
import dev.bandit.core.posterior.ValueRemaining;
import dev.bandit.core.simulation.PosteriorRule;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * Whether the rule names a winner. Its thresholds are no significance levels.
 *
 * @param verdict {@code winner} or {@code undecided}
 * @param winner null when undecided
 * @param leader the arm that is most probably the best
 * @param conditions of the rule; all have to hold
 * @param arms in the order of the data
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Conclusion(
        String verdict, @Nullable String winner, String leader, List<Condition> conditions, List<Arm> arms) {

    /** One condition of the rule. */
    public record Condition(String name, boolean holds, double value, double threshold) {}

    /**
     * What is known of an arm.
     *
     * @param rate share of successes in what is known; null without any
     */
    @JsonNaming(SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Arm(
            String arm,
            double alpha,
            double beta,
            long decisions,
            @Nullable Double rate,
            double mean,
            double ciLow,
            double ciHigh,
            double probBest,
            double expectedLoss) {}

    /**
     * An arm's evidence.
     *
     * @param successes up to {@code trials}
     */
    public record Evidence(String arm, long trials, double successes) {}

    private static final double LEVEL = 0.95;

    /**
     * @param evidence at least two arms
     * @param prior of every arm
     * @param fewest how many trials every arm must have
     */
    public static Conclusion of(List<Evidence> evidence, BetaPosterior prior, PosteriorRule rule, long fewest) {
        int size = evidence.size();
        double[] alpha = new double[size];
        double[] beta = new double[size];
        long least = Long.MAX_VALUE;
        for (int k = 0; k < size; k++) {
            Evidence arm = evidence.get(k);
            alpha[k] = prior.alpha() + arm.successes();
            beta[k] = prior.beta() + arm.trials() - arm.successes();
            least = Math.min(least, arm.trials());
        }
        double[] best = BestArm.probabilities(alpha, beta);
        double[] losses = BestArm.expectedLosses(alpha, beta);
        List<Arm> arms = new ArrayList<>(size);
        int leader = 0;
        for (int k = 0; k < size; k++) {
            BetaPosterior posterior = new BetaPosterior(alpha[k], beta[k]);
            CredibleInterval interval = posterior.credibleInterval(LEVEL);
            Evidence arm = evidence.get(k);
            arms.add(new Arm(
                    arm.arm(),
                    alpha[k],
                    beta[k],
                    arm.trials(),
                    arm.trials() == 0 ? null : arm.successes() / arm.trials(),
                    posterior.mean(),
                    interval.lower(),
                    interval.upper(),
                    best[k],
                    losses[k]));
            leader = best[k] > best[leader] ? k : leader;
        }
        List<Condition> conditions = new ArrayList<>();
        conditions.add(new Condition("prob_best", rule.sureOfLeader(best[leader]), best[leader], rule.probBest()));
        conditions.add(new Condition(
                "max_expected_loss", rule.littleToLose(losses[leader]), losses[leader], rule.maxExpectedLoss()));
        if (rule.maxValueRemaining() > 0) {
            conditions.add(new Condition(
                    "max_value_remaining",
                    rule.littleToGain(leader, alpha, beta),
                    ValueRemaining.of(alpha, beta).percentile95(),
                    rule.maxValueRemaining()));
        }
        conditions.add(new Condition("min_decisions_per_arm", least >= fewest, least, fewest));
        String name = arms.get(leader).arm();
        boolean met = conditions.stream().allMatch(Condition::holds);
        return new Conclusion(met ? "winner" : "undecided", met ? name : null, name, conditions, arms);
    }

    /** Whether there is a winner. */
    public boolean decided() {
        return winner != null;
    }
}
