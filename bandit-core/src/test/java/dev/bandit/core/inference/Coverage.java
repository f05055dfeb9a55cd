package dev.bandit.core.inference;

import dev.bandit.core.inference.AdaptiveMean.Weighting;
import dev.bandit.core.posterior.BetaPosterior;
import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;

/** Counts how often intervals of each kind hold the truth over many simulated runs of two or more arms. */
final class Coverage {
    /** Kinds of intervals, all at 95 %. */
    enum Kind {
        WALD("naive Wald interval"),
        WILSON("naive Wilson (rate), Newcombe (difference)"),
        AIPW("AIPW, h = 1"),
        WEIGHTED("AIPW, h = sqrt(e)"),
        SEQUENCE("confidence sequence, at the end"),
        ALWAYS("confidence sequence, at all times");

        final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    private static final double LEVEL = 0.95;
    private static final double Z = 1.959963984540054;

    private final ThompsonRun run;
    private final int arms;
    private int runs;

    /** By kind: how often each arm's rate was held, and in the last place the difference of the last arm and the first. */
    private final int[][] held;

    private int mismatches;
    private int rejections;

    Coverage(ThompsonRun run) {
        this.run = run;
        arms = run.rates().length;
        held = new int[Kind.values().length][arms + 1];
    }

    int runs() {
        return runs;
    }

    /** Runs in which the sample ratio raised an alarm. */
    int mismatches() {
        return mismatches;
    }

    /** Runs in which the e-process ever said, at 5 %, that some arm differs. */
    int rejections() {
        return rejections;
    }

    /** The place of the difference, one beyond that of the last arm. */
    int difference() {
        return arms;
    }

    double rate(Kind kind, int place) {
        return held[kind.ordinal()][place] / (double) runs;
    }

    void add(UniformRandomProvider random) {
        double[] s = new double[arms];
        long[] n = new long[arms];
        boolean[] always = new boolean[arms];
        AdaptiveMean[] uniform = new AdaptiveMean[arms];
        AdaptiveMean[] weighted = new AdaptiveMean[arms];
        for (int k = 0; k < arms; k++) {
            always[k] = true;
            uniform[k] = new AdaptiveMean(Weighting.UNIFORM);
            weighted[k] = new AdaptiveMean(Weighting.SQRT_PROPENSITY);
        }
        AdaptiveSampleRatio ratio = new AdaptiveSampleRatio(arms);
        EqualArmsEProcess evidence = new EqualArmsEProcess(arms);
        run.play(random, (arm, reward, e) -> {
            for (int k = 0; k < arms; k++) {
                for (AdaptiveMean mean : new AdaptiveMean[] {uniform[k], weighted[k]}) {
                    if (k == arm) {
                        mean.chosen(e[k], reward);
                    } else {
                        mean.passedOver(e[k]);
                    }
                }
            }
            ratio.add(arm, e);
            evidence.add(arm, reward, e);
            s[arm] += reward;
            n[arm]++;
            always[arm] &= covers(s[arm], n[arm], run.rates()[arm]);
        });
        runs++;
        mismatches += ratio.result().orElseThrow().isMismatch() ? 1 : 0;
        rejections += evidence.rejects(1 - LEVEL) ? 1 : 0;
        for (int k = 0; k < arms; k++) {
            Proportion arm = new Proportion(s[k], n[k]);
            double rate = run.rates()[k];
            count(Kind.WALD, k, rate, wald(arm));
            count(Kind.WILSON, k, rate, arm.wilson(LEVEL));
            count(Kind.AIPW, k, rate, uniform[k].estimate().map(e -> e.interval(LEVEL)));
            count(Kind.WEIGHTED, k, rate, weighted[k].estimate().map(e -> e.interval(LEVEL)));
            held[Kind.SEQUENCE.ordinal()][k] += covers(s[k], n[k], rate) ? 1 : 0;
            held[Kind.ALWAYS.ordinal()][k] += always[k] ? 1 : 0;
        }
        compare(new Proportion(s[0], n[0]), new Proportion(s[arms - 1], n[arms - 1]), uniform, weighted);
    }

    private void compare(Proportion first, Proportion last, AdaptiveMean[] uniform, AdaptiveMean[] weighted) {
        double truth = run.rates()[arms - 1] - run.rates()[0];
        count(Kind.WALD, arms, truth, waldDifference(first, last));
        count(Kind.WILSON, arms, truth, new TwoProportions(first, last).newcombe(LEVEL));
        count(Kind.AIPW, arms, truth, difference(uniform));
        count(Kind.WEIGHTED, arms, truth, difference(weighted));
        count(Kind.SEQUENCE, arms, truth, Optional.of(ConfidenceSequence.difference(first, last, 1 - LEVEL)));
    }

    private Optional<Interval> difference(AdaptiveMean[] means) {
        return means[arms - 1]
                .estimate()
                .flatMap(t -> means[0].estimate().map(c -> t.minus(c).interval(LEVEL)));
    }

    /** An undefined interval holds nothing. */
    private void count(Kind kind, int place, double truth, Optional<Interval> interval) {
        held[kind.ordinal()][place] += interval.map(i -> i.contains(truth)).orElse(false) ? 1 : 0;
    }

    /** What {@link ConfidenceSequence} inverts, which is faster than finding its ends after every decision. */
    private static boolean covers(double s, long n, double rate) {
        return new BetaPosterior(1 + s, 1 + n - s).logPdf(rate) > Math.log(1 - LEVEL);
    }

    private static Optional<Interval> wald(Proportion arm) {
        if (arm.trials() == 0) {
            return Optional.empty();
        }
        double p = arm.successes() / arm.trials();
        double half = Z * Math.sqrt(p * (1 - p) / arm.trials());
        return Optional.of(new Interval(p - half, p + half));
    }

    private static Optional<Interval> waldDifference(Proportion first, Proportion last) {
        return wald(first)
                .flatMap(c -> wald(last).map(t -> {
                    double middle = (t.lower() + t.upper() - c.lower() - c.upper()) / 2;
                    double half = Math.hypot(t.width(), c.width()) / 2;
                    return new Interval(middle - half, middle + half);
                }));
    }
}
