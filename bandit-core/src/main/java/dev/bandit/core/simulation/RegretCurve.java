package dev.bandit.core.simulation;

import dev.bandit.core.inference.Moments;
import java.util.Arrays;
import java.util.List;

/**
 * What a trial lost on its way, over many replications. Regret is counted against always playing the best arm of the moment, in
 * successes, expected given the propensities.
 *
 * @param decisions the moments, ascending
 * @param regret one per moment: of the regret until then, over the replications
 * @param bestShare of the share of decisions until the horizon that went to an arm than which none was better
 */
public record RegretCurve(long[] decisions, List<Moments> regret, Moments bestShare) {
    /** What was lost until the last moment. */
    public Moments last() {
        return regret.getLast();
    }

    /** Gathers replications. Not thread-safe. */
    static final class Accumulator {
        private final long[] decisions;
        private final Moments.Accumulator[] regret;
        private final Moments.Accumulator bestShare = new Moments.Accumulator();

        Accumulator(long[] decisions) {
            this.decisions = decisions;
            regret = new Moments.Accumulator[decisions.length];
            Arrays.setAll(regret, i -> new Moments.Accumulator());
        }

        void add(Run run) {
            for (int i = 0; i < regret.length; i++) {
                regret[i].add(run.regretAt(i));
            }
            bestShare.add(run.bestShare());
        }

        void merge(Accumulator other) {
            for (int i = 0; i < regret.length; i++) {
                regret[i].merge(other.regret[i].moments());
            }
            bestShare.merge(other.bestShare.moments());
        }

        RegretCurve curve() {
            return new RegretCurve(
                    decisions.clone(),
                    Arrays.stream(regret).map(Moments.Accumulator::moments).toList(),
                    bestShare.moments());
        }
    }
}
