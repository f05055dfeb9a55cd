package dev.bandit.core.inference;

import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.core.numeric.Require;
import java.util.Arrays;
import java.util.List;

/**
 * Whether any arm differs, at any time and under any adaptive assignment. The evidence is a product over decisions,
 *
 * <pre>E = prod theta_A(Y) / sum_a e(a) theta_a(Y),   theta_a = (S_a + k p) / (N_a + k),   p = (S + 1/2) / (N + 1),   k = 50</pre>
 *
 * with e the propensities, and S and N the rewards and decisions before this one, by arm and in all; {@code theta(Y)} is {@code
 * theta^Y (1 - theta)^(1 - Y)}. If rewards do not depend on the arm, each factor has expectation 1 given the past, E is a
 * nonnegative martingale, and by Ville's inequality it ever reaches {@code 1 / alpha} with probability at most alpha.
 *
 * <p>Decisions must be added in the order in which they were made. Not thread-safe.
 */
public final class EqualArmsEProcess {
    private static final double SHRINKAGE = 50;

    /**
     * All that one knows, to be kept and gone on from.
     *
     * @param successes sum of the rewards of each arm
     * @param trials how often each was chosen
     */
    public record State(List<Double> successes, List<Long> trials, double logValue, double logMaximum) {}

    private final double[] successes;
    private final long[] trials;
    private final CompensatedSums log = new CompensatedSums(1);
    private double allSuccesses;
    private long allTrials;
    private double logMaximum;

    /**
     * @param arms how many, at least 1
     * @throws IllegalArgumentException if there is no arm
     */
    public EqualArmsEProcess(int arms) {
        if (arms < 1) {
            throw new IllegalArgumentException("arms must be at least 1, but is " + arms);
        }
        successes = new double[arms];
        trials = new long[arms];
    }

    /**
     * Goes on from there.
     *
     * @param arms how many; those beyond the ones it knows are new
     * @throws IllegalArgumentException if they are fewer than it knows
     */
    public EqualArmsEProcess(int arms, State state) {
        this(arms);
        Require.atLeastKnown(arms, state.trials.size());
        for (int a = 0; a < state.trials.size(); a++) {
            successes[a] = state.successes.get(a);
            trials[a] = state.trials.get(a);
            allSuccesses += successes[a];
            allTrials += trials[a];
        }
        log.add(0, state.logValue);
        logMaximum = state.logMaximum;
    }

    public State state() {
        return new State(
                Arrays.stream(successes).boxed().toList(),
                Arrays.stream(trials).boxed().toList(),
                logValue(),
                logMaximum);
    }

    /**
     * One decision and its reward.
     *
     * @param arm the one chosen
     * @param reward in [0, 1]
     * @param propensities the probability of each arm, of sum 1 within 1e-9, above 0 for the one chosen
     * @throws IllegalArgumentException if there is no such arm or a value is out of its range
     */
    public void add(int arm, double reward, double[] propensities) {
        if (arm < 0 || arm >= trials.length) {
            throw new IllegalArgumentException("arm must be in [0, " + trials.length + "), but is " + arm);
        }
        Require.unit("reward", reward);
        Require.distribution("propensities", propensities, trials.length);
        if (propensities[arm] == 0) {
            throw new IllegalArgumentException("The propensity of the chosen arm " + arm + " must be above 0");
        }
        double pooled = (allSuccesses + 0.5) / (allTrials + 1);
        double own = likelihood(arm, reward, pooled);
        double average = 0;
        for (int a = 0; a < propensities.length; a++) {
            if (propensities[a] > 0) {
                average += propensities[a] * (a == arm ? own : likelihood(a, reward, pooled));
            }
        }
        log.add(0, Math.log(own / average));
        logMaximum = Math.max(logMaximum, logValue());
        successes[arm] += reward;
        trials[arm]++;
        allSuccesses += reward;
        allTrials++;
    }

    /**
     * Many decisions that shared their propensities and were rewarded with 0 or 1, each judged by what was known before the
     * first of them: as valid as one after the other, only slower to see.
     *
     * @param chosen decisions by arm, not negative
     * @param rewarded successes by arm, at most as many
     * @param propensities the probability of each arm, of sum 1 within 1e-9, above 0 for those chosen
     * @throws IllegalArgumentException if the lengths differ or a value is out of its range
     */
    public void addAll(long[] chosen, double[] rewarded, double[] propensities) {
        Require.distribution("propensities", propensities, trials.length);
        if (chosen.length != trials.length || rewarded.length != trials.length) {
            throw new IllegalArgumentException("chosen and rewarded must have " + trials.length + " values, but have "
                    + chosen.length + " and " + rewarded.length);
        }
        double pooled = (allSuccesses + 0.5) / (allTrials + 1);
        double success = 0;
        for (int a = 0; a < trials.length; a++) {
            if (!(rewarded[a] >= 0 && rewarded[a] <= chosen[a] && (chosen[a] == 0 || propensities[a] > 0))) {
                throw new IllegalArgumentException("Arm " + a + " cannot have " + rewarded[a] + " successes of "
                        + chosen[a] + " decisions at propensity " + propensities[a]);
            }
            success += propensities[a] * likelihood(a, 1, pooled);
        }
        for (int a = 0; a < trials.length; a++) {
            if (chosen[a] > 0) {
                double theta = likelihood(a, 1, pooled);
                log.add(0, rewarded[a] * Math.log(theta / success));
                log.add(0, (chosen[a] - rewarded[a]) * Math.log((1 - theta) / (1 - success)));
            }
        }
        logMaximum = Math.max(logMaximum, logValue());
        for (int a = 0; a < trials.length; a++) {
            successes[a] += rewarded[a];
            trials[a] += chosen[a];
            allSuccesses += rewarded[a];
            allTrials += chosen[a];
        }
    }

    private double likelihood(int arm, double reward, double pooled) {
        double weight = trials[arm] + SHRINKAGE;
        double theta = (successes[arm] + SHRINKAGE * pooled) / weight;
        double complement = (trials[arm] - successes[arm] + SHRINKAGE * (1 - pooled)) / weight;
        if (reward == 0 || reward == 1) {
            return reward == 1 ? theta : complement;
        }
        return Math.exp(reward * Math.log(theta) + (1 - reward) * Math.log(complement));
    }

    /** log E now; 0 before the first decision. */
    public double logValue() {
        return log.get(0);
    }

    /** The largest log E so far, at least 0. */
    public double logMaximum() {
        return logMaximum;
    }

    /** Valid at any stopping time: 1 over the largest E so far, in [0, 1]. */
    public double pValue() {
        return Math.exp(-logMaximum);
    }

    /**
     * Whether E has ever reached 1 / alpha.
     *
     * @param alpha in (0, 1)
     * @throws IllegalArgumentException if alpha is outside (0, 1)
     */
    public boolean rejects(double alpha) {
        return logMaximum >= -Math.log(Require.inside("alpha", alpha));
    }
}
