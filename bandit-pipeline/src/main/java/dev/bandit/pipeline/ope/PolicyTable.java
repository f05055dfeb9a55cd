package dev.bandit.pipeline.ope;

import dev.bandit.core.evaluation.Bounds;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicyEvaluation;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.io.Serial;
import java.io.Serializable;
import java.util.Arrays;

/** What an evaluation needs to know of a round that does not depend on it, looked up instead of computed. */
final class PolicyTable implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final double untried;
    private final double most;
    private final int places;
    private final int folds;
    private final int arms;
    private final double[] predicted;
    private final double[] expected;
    private final double[] probability;

    /** @param model with everything that it is to learn */
    PolicyTable(CellRewardModel model, TargetPolicy target, int places, int folds) {
        untried = model.untried(target.probabilities());
        most = Arrays.stream(target.probabilities())
                .flatMapToDouble(Arrays::stream)
                .max()
                .orElse(1);
        this.places = places;
        this.folds = folds;
        arms = target.arms();
        predicted = new double[folds * places * arms];
        expected = new double[folds * places];
        probability = new double[places * arms];
        CellRewardModel.Predictions predictions = model.predictions();
        for (int place = 0; place < places; place++) {
            System.arraycopy(target.probabilities()[place], 0, probability, place * arms, arms);
            for (int fold = 0; fold < folds; fold++) {
                int at = fold * places + place;
                expected[at] = predictions.expected(fold, place, target.probabilities()[place]);
                for (int arm = 0; arm < arms; arm++) {
                    predicted[at * arms + arm] = predictions.predicted(fold, arm, place);
                }
            }
        }
    }

    /** @param place from 0, as {@code arm} is */
    void add(OffPolicyEvaluation evaluation, int bucket, int arm, int place, double reward, double propensity) {
        int at = (bucket % folds) * places + place;
        evaluation.add(
                bucket,
                reward,
                propensity,
                probability[place * arms + arm],
                predicted[at * arms + arm],
                expected[at],
                1);
    }

    /**
     * @param onPolicy the mean reward of the policy that decided
     * @param least the smallest propensity on record
     */
    OpeOutcome outcome(OffPolicyEvaluation evaluation, double onPolicy, double least) {
        return new OpeOutcome(evaluation.result(), untried, onPolicy, new Bounds(0, 1, most / least));
    }
}
