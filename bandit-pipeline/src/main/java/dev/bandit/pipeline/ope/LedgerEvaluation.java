package dev.bandit.pipeline.ope;

import dev.bandit.core.assignment.Assignment;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicyEvaluation;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.ledger.Ledger;
import dev.bandit.pipeline.ledger.Ledger.Count;
import dev.bandit.pipeline.ledger.Ledger.Experiment;
import dev.bandit.pipeline.ledger.Ledger.Period;
import dev.bandit.pipeline.ledger.Slice;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The same for what a service has on record, read twice as of one moment. A round's bucket is a hash of its unit, so that the bootstrap knows
 * of rounds that are alike.
 */
public final class LedgerEvaluation {

    /** No experiment has this name: arms are drawn by hashes of the unit too, and buckets must not follow them. */
    private static final String SALT = "buckets of off-policy evaluation";

    /** Each has a connection of its own, and the service wants some as well. */
    private static final int MOST_SLICES = 16;

    private LedgerEvaluation() {}

    /** With how many decisions it is about. */
    public record Answer(OpeOutcome outcome, Count count) {}

    /** What a slice teaches, as numbers: the reward model, the sum of the rewards and the smallest propensity. */
    private record Lesson(double[] model, double[] reward, double least, Count count) implements Serializable {}

    /**
     * @param target of the experiment's arms as they are now; it takes none that is gone
     * @param folds of the reward model, at least 2
     * @throws dev.bandit.cli.CommandFailed if the ledger cannot be read
     */
    public static Answer of(
            Engine engine,
            Ledger ledger,
            Experiment experiment,
            Period period,
            TargetPolicy target,
            OffPolicySettings settings,
            int folds) {
        int arms = experiment.everArms().size();
        SentSettings sent = SentSettings.of(settings);
        List<Slice> slices = ledger.slices(experiment, period, Math.min(engine.workers(), MOST_SLICES));
        CellRewardModel model = new CellRewardModel(arms, 1, folds);
        CompensatedSums rewards = new CompensatedSums(1);
        double least = 1;
        Count count = Count.NONE;
        for (Lesson lesson : engine.map(slices, slice -> learn(slice, folds, sent.buckets()))) {
            model.merge(CellRewardModel.of(arms, 1, folds, lesson.model()));
            rewards.addAll(CompensatedSums.of(lesson.reward()));
            least = Math.min(least, lesson.least());
            count = count.plus(lesson.count());
        }
        double[] probabilities = Arrays.copyOf(target.probabilities()[0], arms);
        TargetPolicy taken = new TargetPolicy(target.name(), new double[][] {probabilities});
        PolicyTable table = new PolicyTable(model, taken, 1, folds);
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
        for (double[] part : engine.map(slices, slice -> evaluate(slice, table, sent.settings()))) {
            evaluation.merge(OffPolicyEvaluation.of(settings, part));
        }
        return new Answer(OpeOutcome.of(evaluation, model, taken, rewards.get(0) / count.settled(), least), count);
    }

    private static Lesson learn(Slice slice, int folds, int buckets) {
        Map<String, Integer> arms = arms(slice);
        CellRewardModel model = new CellRewardModel(arms.size(), 1, folds);
        CompensatedSums rewards = new CompensatedSums(1);
        double[] least = {1};
        Count count = slice.rounds((name, arm, propensity, reward) -> {
            model.add(bucket(name, buckets), index(arms, arm), 0, reward, 1);
            rewards.add(0, reward);
            least[0] = Math.min(least[0], propensity);
        });
        return new Lesson(model.state(), rewards.state(), least[0], count);
    }

    private static double[] evaluate(Slice slice, PolicyTable table, OffPolicySettings settings) {
        Map<String, Integer> arms = arms(slice);
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
        slice.rounds((name, arm, propensity, reward) ->
                table.add(evaluation, bucket(name, settings.buckets()), index(arms, arm), 0, reward, propensity));
        return evaluation.state();
    }

    private static Map<String, Integer> arms(Slice slice) {
        Map<String, Integer> arms = new HashMap<>();
        slice.experiment().everArms().forEach(arm -> arms.put(arm, arms.size()));
        return arms;
    }

    private static int bucket(String name, int buckets) {
        return (int) (Assignment.uniform(SALT, name) * buckets);
    }

    private static int index(Map<String, Integer> arms, String arm) {
        return Objects.requireNonNull(arms.get(arm), arm);
    }
}
