package dev.bandit.core.simulation;

import dev.bandit.core.policy.Policy;
import dev.bandit.core.posterior.BetaPosterior;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * An experiment to be simulated.
 *
 * @param arms the truth, which only the rewards tell
 * @param policy how arms share the decisions
 * @param floor least probability of every arm, in [0, 1 / arms]
 * @param rule when it is over
 * @param schedule when it learns and is looked at
 * @param prior what the posterior of every arm starts from
 */
public record Trial(
        BernoulliArms arms, Policy policy, double floor, StopRule rule, Schedule schedule, BetaPosterior prior) {
    /**
     * @throws IllegalArgumentException if the floor is out of its range
     */
    public Trial {
        if (!(floor >= 0 && floor * arms.count() <= 1)) {
            throw new IllegalArgumentException(
                    "floor times arms must be in [0, 1], but the floor is " + floor + " for " + arms.count() + " arms");
        }
    }

    /**
     * Posteriors start from Beta(1, 1).
     *
     * @throws IllegalArgumentException if the floor is out of its range
     */
    public Trial(BernoulliArms arms, Policy policy, double floor, StopRule rule, Schedule schedule) {
        this(arms, policy, floor, rule, schedule, new BetaPosterior(1, 1));
    }

    /**
     * Plays it many times, every time with a seed of its own, so that outcomes depend neither on the number of threads nor on
     * their order.
     *
     * @param parallel whether the common pool (or the pool of the calling thread) may be used
     * @return as many as there are replications, in order
     * @throws IllegalArgumentException if there are no replications
     */
    public Outcome[] play(int replications, long seed, boolean parallel) {
        if (replications < 1) {
            throw new IllegalArgumentException("replications must be at least 1, but are " + replications);
        }
        long[] seeds = new SplittableRandom(seed).longs(replications).toArray();
        IntStream runs = IntStream.range(0, replications);
        return (parallel ? runs.parallel() : runs)
                .mapToObj(i -> new Run(this, seeds[i]).play())
                .toArray(Outcome[]::new);
    }
}
