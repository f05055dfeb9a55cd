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
    /** Decisions of which the rewards are still out, and the arms as they were when they were made. */
    private record Pending(long end, BernoulliArms arms, long[] counts, double[] propensities) {}

    private final Trial trial;
    private final ChangingArms arms;
    private final BinomialSampler sampler;
    private final Look look;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final long[] moments;
    private final double[] regrets;
    private double[] propensities;
    private long renewed;
    private boolean learned;
    private long now;
    private int passed;
    private double regret;
    private double best;

    /**
     * @param moments at which the regret is noted down: numbers of decisions, ascending
     */
    Run(Trial trial, long seed, long... moments) {
        this.trial = trial;
        this.moments = moments;
        regrets = new double[moments.length];
        arms = trial.arms();
        sampler = BinomialSampler.of(new SplittableRandom(seed)::nextLong);
        look = new Look(arms.count(), trial.prior());
        propensities = propensities();
    }

    Outcome play() {
        Schedule schedule = trial.schedule();
        for (int step = 0; step < schedule.steps(); step++) {
            long end = schedule.end(step);
            renew();
            decide(end);
            reward(end - schedule.delay());
            if (schedule.isLook(step)) {
                OptionalInt verdict = trial.rule().verdict(look);
                if (verdict.isPresent()) {
                    return outcome(verdict.getAsInt(), end, schedule.horizon());
                }
            }
        }
        return new Outcome(Outcome.NONE, now, regret, regret);
    }

    private Outcome outcome(int winner, long end, long horizon) {
        double untilVerdict = regret;
        propensities = new double[arms.count()];
        propensities[winner] = 1;
        while (now < horizon) {
            pass(Math.min(horizon, arms.nextChange(now)));
        }
        return new Outcome(winner, end, untilVerdict, regret);
    }

    /** The regret at one of the moments, once played. */
    double regretAt(int moment) {
        return regrets[moment];
    }

    /** The share of the decisions that went to the best arm, once played. */
    double bestShare() {
        return best / now;
    }

    private void decide(long end) {
        while (now < end) {
            BernoulliArms truth = arms.after(now);
            long to = Math.min(end, arms.nextChange(now));
            long[] counts = new long[arms.count()];
            sampler.multinomial(to - now, propensities, counts);
            look.decided(counts);
            pending.add(new Pending(to, truth, counts, propensities));
            pass(to);
        }
    }

    /** Between two changes, so that within it every decision costs the same. */
    private void pass(long to) {
        BernoulliArms truth = arms.after(now);
        double gap = truth.meanGap(propensities);
        while (passed < moments.length && moments[passed] <= to) {
            regrets[passed] = regret + (moments[passed] - now) * gap;
            passed++;
        }
        regret += (to - now) * gap;
        best += (to - now) * truth.bestShare(propensities);
        now = to;
    }

    /** Looks cut steps short; propensities are renewed no sooner than a step would have. */
    private void renew() {
        if (learned
                && !(trial.policy() instanceof FixedSplit)
                && now - renewed >= trial.schedule().length(renewed)) {
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
                successes[k] = sampler.sample(due.counts()[k], due.arms().rate(k));
            }
            look.rewarded(due.counts(), successes, due.propensities());
            learned = true;
        }
    }
}
