package dev.bandit.pipeline.replay;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.core.evaluation.Replay;
import dev.bandit.core.inference.Interval;
import dev.bandit.core.inference.Moments;
import dev.bandit.core.inference.Proportion;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.policy.PolicyName;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What came of a replay. The intervals of a {@link Value} are by Student's t for the mean over runs: the chance in the policy and in what was
 * accepted, on this one log. The others are Wilson's for a single run's rounds: the chance that brought this log.
 *
 * @param log its name
 * @param policy the one replayed
 * @param epsilon of epsilon_greedy only
 * @param rounds on record
 * @param leastPropensity the smallest on record: the share of rounds that is accepted
 * @param evenPropensities whether all rounds have the same
 * @param loggedReward mean reward of the policy that decided
 * @param bestArm of the largest mean reward on the log, which regret is against
 * @param matchRate share of rounds accepted
 * @param reward mean reward of the rounds accepted
 * @param rewardByLog interval of one run's mean reward
 * @param regret after {@code horizon} decisions
 * @param horizon decisions that every run has made
 * @param runs each
 * @param curve as far as every run came
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ReplayReport(
        String log,
        PolicyName policy,
        @Nullable Double epsilon,
        int batch,
        int delay,
        double minAllocation,
        List<Double> prior,
        long seed,
        long rounds,
        double leastPropensity,
        boolean evenPropensities,
        double loggedReward,
        BestArm bestArm,
        Value matchRate,
        Value reward,
        Ends rewardByLog,
        Value regret,
        long horizon,
        List<Run> runs,
        List<Point> curve) {

    private static final double LEVEL = 0.95;

    /**
     * What is known of the log.
     *
     * @param means of each arm's reward
     */
    record Log(long rounds, long clicks, double least, double most, double[] means) {

        int best() {
            int best = 0;
            for (int arm = 1; arm < means.length; arm++) {
                best = means[arm] > means[best] ? arm : best;
            }
            return best;
        }
    }

    /** The arm that earned most on the log, by its mean, weighted by one over propensity: the largest of estimates, so rather too large. */
    public record BestArm(String arm, double reward) {}

    /** An interval of 95 %. */
    public record Ends(double low, double high) {

        static Ends of(Interval interval) {
            return new Ends(interval.lower(), interval.upper());
        }
    }

    /**
     * Over the runs.
     *
     * @param seeds interval of the mean; none of a single run
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Value(double mean, @Nullable Ends seeds) {

        static Value of(Moments moments) {
            return new Value(
                    moments.mean(), moments.meanInterval(LEVEL).map(Ends::of).orElse(null));
        }

        double low() {
            return seeds == null ? mean : seeds.low();
        }

        double high() {
            return seeds == null ? mean : seeds.high();
        }
    }

    /**
     * One run.
     *
     * @param accepted rounds, its decisions
     * @param rewards their sum
     * @param log interval of its mean reward
     */
    public record Run(long accepted, double rewards, double reward, Ends log) {

        static Run of(Replay run) {
            Proportion earned = new Proportion(run.rewards(), run.accepted());
            return new Run(
                    run.accepted(),
                    run.rewards(),
                    earned.rate().orElseThrow(),
                    Ends.of(earned.wilson(LEVEL).orElseThrow()));
        }
    }

    /**
     * After so many decisions.
     *
     * @param rewards sum so far
     * @param regret the best arm's mean reward times the decisions, less the rewards
     */
    public record Point(long decisions, Value rewards, Value regret) {}

    /** @param runs at least one, of at least one decision each */
    static ReplayReport of(LoggedRounds rounds, ReplaySettings settings, Log log, List<Replay> runs) {
        double best = log.means()[log.best()];
        List<Point> curve = curve(runs, best);
        Point last = curve.getLast();
        Moments reward = over(runs, run -> run.rewards() / run.accepted());
        long accepted = Math.round(over(runs, Replay::accepted).mean());
        Proportion once = new Proportion(Math.min(1, reward.mean()) * accepted, accepted);
        return new ReplayReport(
                rounds.name(),
                settings.policy(),
                settings.policy() == PolicyName.epsilon_greedy ? settings.epsilon() : null,
                settings.batch(),
                settings.delay(),
                settings.floor(),
                List.of(settings.prior().alpha(), settings.prior().beta()),
                settings.seed(),
                log.rounds(),
                log.least(),
                log.least() == log.most(),
                (double) log.clicks() / log.rounds(),
                new BestArm(rounds.arms().get(log.best()), best),
                Value.of(over(runs, run -> (double) run.accepted() / run.offered())),
                Value.of(reward),
                Ends.of(once.wilson(LEVEL).orElseThrow()),
                last.regret(),
                last.decisions(),
                runs.stream().map(Run::of).toList(),
                curve);
    }

    private static List<Point> curve(List<Replay> runs, double best) {
        List<List<Replay.Point>> curves = runs.stream().map(Replay::curve).toList();
        int reached = curves.stream().mapToInt(List::size).min().orElse(0);
        List<Point> curve = new ArrayList<>(reached);
        for (int i = 0; i < reached; i++) {
            int at = i;
            long decisions = curves.getFirst().get(at).accepted();
            curve.add(new Point(
                    decisions,
                    Value.of(over(curves, one -> one.get(at).rewards())),
                    Value.of(over(curves, one -> best * decisions - one.get(at).rewards()))));
        }
        return curve;
    }

    private static <T> Moments over(List<T> runs, ToDoubleFunction<T> value) {
        Moments.Accumulator all = new Moments.Accumulator();
        runs.forEach(run -> all.add(value.applyAsDouble(run)));
        return all.moments();
    }
}
