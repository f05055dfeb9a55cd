package dev.bandit.pipeline.ope;

import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicyEvaluation;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.io.Serial;
import java.io.Serializable;

/** What an evaluation needs to know of a round that does not depend on it, looked up instead of computed. */
final class PolicyTable implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final int places;
    private final int folds;
    private final int arms;
    private final double[] predicted;
    private final double[] expected;
    private final double[] probability;

    /** @param model with everything that it is to learn */
    PolicyTable(CellRewardModel model, TargetPolicy target, int places, int folds) {
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
}
