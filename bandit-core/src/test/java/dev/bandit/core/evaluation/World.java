package dev.bandit.core.evaluation;

import dev.bandit.core.sampling.BinomialSampler;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Where the truth is known: rewards of 0 and 1 by arm and cell of contexts, a policy that decided and one that might have.
 *
 * @param rates by cell and arm
 * @param behaviour the probabilities with which arms are chosen, by cell and arm
 * @param logged what is on record of them; the same unless the record is wrong
 * @param target those of the policy to be evaluated
 */
record World(double[][] rates, double[][] behaviour, double[][] logged, double[][] target) {
    static final int FOLDS = 5;

    static World of(double[][] rates, double[][] behaviour, double[][] target) {
        return new World(rates, behaviour, behaviour, target);
    }

    int cells() {
        return rates.length;
    }

    int arms() {
        return rates[0].length;
    }

    /** The mean of what a round has, if its arm and reward are those of the policy that decided. */
    interface OfRound {
        double at(double rate, double weight);
    }

    double mean(OfRound value) {
        double sum = 0;
        for (int x = 0; x < cells(); x++) {
            for (int a = 0; a < arms(); a++) {
                if (behaviour[x][a] > 0) {
                    sum += behaviour[x][a] * value.at(rates[x][a], target[x][a] / behaviour[x][a]);
                }
            }
        }
        return sum / cells();
    }

    /** What the target policy earns. */
    double value() {
        double sum = 0;
        for (int x = 0; x < cells(); x++) {
            for (int a = 0; a < arms(); a++) {
                sum += target[x][a] * rates[x][a];
            }
        }
        return sum / cells();
    }

    /** Of so many rounds, by both passes, and the share of the target's choices that were never made. */
    record Logs(OffPolicyResult result, double untried) {}

    Logs play(int rounds, OffPolicySettings settings, UniformRandomProvider random) {
        BinomialSampler sampler = BinomialSampler.of(random);
        double[] chances = new double[cells() * arms()];
        for (int i = 0; i < chances.length; i++) {
            chances[i] = behaviour[i / arms()][i % arms()] / cells();
        }
        long[][] counts = new long[settings.buckets()][chances.length];
        long[][] rewarded = new long[settings.buckets()][chances.length];
        CellRewardModel model = new CellRewardModel(arms(), cells(), FOLDS);
        for (int bucket = 0; bucket < settings.buckets(); bucket++) {
            long share = (rounds + bucket) / settings.buckets();
            sampler.multinomial(share, chances, counts[bucket]);
            for (int i = 0; i < chances.length; i++) {
                rewarded[bucket][i] = sampler.sample(counts[bucket][i], rates[i / arms()][i % arms()]);
                add(model, bucket, i, 1, rewarded[bucket][i]);
                add(model, bucket, i, 0, counts[bucket][i] - rewarded[bucket][i]);
            }
        }
        CellRewardModel.Predictions predictions = model.predictions();
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
        for (int bucket = 0; bucket < settings.buckets(); bucket++) {
            for (int i = 0; i < chances.length; i++) {
                add(evaluation, predictions, bucket, i, 1, rewarded[bucket][i]);
                add(evaluation, predictions, bucket, i, 0, counts[bucket][i] - rewarded[bucket][i]);
            }
        }
        return new Logs(evaluation.result(), model.untried(target));
    }

    private void add(CellRewardModel model, int bucket, int i, double reward, long count) {
        if (count > 0) {
            model.add(bucket, i % arms(), i / arms(), reward, count);
        }
    }

    private void add(
            OffPolicyEvaluation evaluation,
            CellRewardModel.Predictions predictions,
            int bucket,
            int i,
            double reward,
            long count) {
        int arm = i % arms();
        int cell = i / arms();
        if (count > 0) {
            evaluation.add(
                    bucket,
                    reward,
                    logged[cell][arm],
                    target[cell][arm],
                    predictions.predicted(bucket, arm, cell),
                    predictions.expected(bucket, cell, target[cell]),
                    count);
        }
    }
}
