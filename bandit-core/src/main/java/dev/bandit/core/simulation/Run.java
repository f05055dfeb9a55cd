package dev.bandit.core.simulation;

import dev.bandit.core.policy.Arms;
import dev.bandit.core.policy.FixedSplit;
import dev.bandit.core.policy.Floor;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.sampling.BinomialSampler;
import java.util.ArrayDeque;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/** One replication of a {@link Trial}. */
final class Run {
    /** Decisions of which the rewards are still out. */
    private record Pending(long end, long[] counts, double[] propensities) {}

    private final Trial trial;
    private final BernoulliArms arms;
    private final BinomialSampler sampler;
    private final Look look;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private double[] propensities;
    private long renewed;
    private boolean learned;

    Run(Trial trial, long seed) {
        this.trial = trial;
        arms = trial.arms();
        sampler = BinomialSampler.of(new SplittableRandom(seed)::nextLong);
        look = new Look(arms.count(), trial.prior());
        propensities = propensities();
    }

    Outcome play() {
        Schedule schedule = trial.schedule();
        double regret = 0;
        long start = 0;
        for (int step = 0; step < schedule.steps(); step++) {
            long end = schedule.end(step);
            renew(start);
            regret += (end - start) * arms.meanGap(propensities);
            long[] counts = new long[arms.count()];
            sampler.multinomial(end - start, propensities, counts);
            look.decided(counts);
            pending.add(new Pending(end, counts, propensities));
            reward(end - schedule.delay());
            if (schedule.isLook(step)) {
                OptionalInt verdict = trial.rule().verdict(look);
                if (verdict.isPresent()) {
                    int winner = verdict.getAsInt();
                    return new Outcome(winner, end, regret, regret + (schedule.horizon() - end) * arms.gap(winner));
                }
            }
            start = end;
        }
        return new Outcome(Outcome.NONE, start, regret, regret);
    }

    /** Looks cut steps short; propensities are renewed no sooner than a step would have. */
    private void renew(long now) {
        if (learned && !(trial.policy() instanceof FixedSplit) && now - renewed >= (long) (renewed * Schedule.GROWTH)) {
            propensities = propensities();
            renewed = now;
            learned = false;
        }
    }

    private double[] propensities() {
        double[] given = trial.policy() instanceof Thompson
                ? look.probBest()
                : trial.policy()
                        .distribution(Arms.of(look.alpha(), look.beta()))
                        .probabilities();
        return trial.policy() instanceof FixedSplit ? given : Floor.apply(given, trial.floor());
    }

    /** The rewards of decisions made up to then. */
    private void reward(long until) {
        while (!pending.isEmpty() && pending.peek().end() <= until) {
            Pending due = pending.remove();
            double[] successes = new double[arms.count()];
            for (int k = 0; k < successes.length; k++) {
                successes[k] = sampler.sample(due.counts()[k], arms.rate(k));
            }
            look.rewarded(due.counts(), successes, due.propensities());
            learned = true;
        }
    }
}
