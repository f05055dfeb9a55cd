package dev.bandit.core.inference;

import dev.bandit.core.policy.ArmDistribution;
import dev.bandit.core.policy.Arms;
import dev.bandit.core.policy.Thompson;
import java.util.Arrays;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * Experiments as the service runs them, simulated: exact Thompson propensities with a floor, renewed after every batch.
 *
 * @param rates of success, by arm
 * @param decisions in one run
 * @param batch decisions made from one state of the posteriors
 * @param floor least propensity
 */
record ThompsonRun(double[] rates, int decisions, int batch, double floor) {
    /** Told of every decision in order. */
    interface Observer {
        void decided(int arm, double reward, double[] propensities);
    }

    void play(UniformRandomProvider random, Observer observer) {
        double[] alpha = new double[rates.length];
        double[] beta = new double[rates.length];
        Arrays.fill(alpha, 1);
        Arrays.fill(beta, 1);
        for (int done = 0; done < decisions; done += batch) {
            ArmDistribution distribution =
                    new Thompson().distribution(Arms.of(alpha, beta)).withFloor(floor);
            double[] propensities = distribution.probabilities();
            for (int i = 0; i < Math.min(batch, decisions - done); i++) {
                int arm = distribution.draw(random.nextDouble());
                double reward = random.nextDouble() < rates[arm] ? 1 : 0;
                alpha[arm] += reward;
                beta[arm] += 1 - reward;
                observer.decided(arm, reward, propensities);
            }
        }
    }
}
