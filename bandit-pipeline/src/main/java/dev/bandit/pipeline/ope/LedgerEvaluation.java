package dev.bandit.pipeline.ope;

import dev.bandit.core.assignment.Assignment;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicyEvaluation;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.pipeline.ledger.Ledger;
import dev.bandit.pipeline.ledger.Ledger.Count;
import dev.bandit.pipeline.ledger.Ledger.Experiment;
import dev.bandit.pipeline.ledger.Ledger.Period;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The same for what a service has on record, read twice within one snapshot. A round's bucket is a hash of its unit, so that the bootstrap
 * knows of rounds that are alike.
 */
public final class LedgerEvaluation {

    /** No experiment has this name: arms are drawn by hashes of the unit too, and buckets must not follow them. */
    private static final String SALT = "buckets of off-policy evaluation";

    private final OffPolicySettings settings;
    private final Map<String, Integer> arms = new HashMap<>();
    private final CompensatedSums rewards = new CompensatedSums(1);
    private double least = 1;

    private LedgerEvaluation(Experiment experiment, OffPolicySettings settings) {
        this.settings = settings;
        experiment.everArms().forEach(arm -> arms.put(arm, arms.size()));
    }

    /** With how many decisions it is about. */
    public record Answer(OpeOutcome outcome, Count count) {}

    /**
     * @param target of the experiment's arms as they are now; it takes none that is gone
     * @param folds of the reward model, at least 2
     * @throws dev.bandit.cli.CommandFailed if the ledger cannot be read
     */
    public static Answer of(
            Ledger ledger,
            Experiment experiment,
            Period period,
            TargetPolicy target,
            OffPolicySettings settings,
            int folds) {
        return new LedgerEvaluation(experiment, settings).evaluate(ledger, experiment, period, target, folds);
    }

    private Answer evaluate(Ledger ledger, Experiment experiment, Period period, TargetPolicy target, int folds) {
        CellRewardModel model = new CellRewardModel(arms.size(), 1, folds);
        Count count = ledger.rounds(experiment, period, (name, arm, propensity, reward) -> {
            model.add(bucket(name), index(arm), 0, reward, 1);
            rewards.add(0, reward);
            least = Math.min(least, propensity);
        });
        double[] probabilities = Arrays.copyOf(target.probabilities()[0], arms.size());
        PolicyTable table =
                new PolicyTable(model, new TargetPolicy(target.name(), new double[][] {probabilities}), 1, folds);
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
        ledger.rounds(
                experiment,
                period,
                (name, arm, propensity, reward) ->
                        table.add(evaluation, bucket(name), index(arm), 0, reward, propensity));
        return new Answer(table.outcome(evaluation, rewards.get(0) / count.settled(), least), count);
    }

    private int bucket(String name) {
        return (int) (Assignment.uniform(SALT, name) * settings.buckets());
    }

    private int index(String arm) {
        return Objects.requireNonNull(arms.get(arm), arm);
    }
}
