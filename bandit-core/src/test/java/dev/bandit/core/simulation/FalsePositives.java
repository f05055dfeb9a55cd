package dev.bandit.core.simulation;

import dev.bandit.core.policy.Policy;
import dev.bandit.core.simulation.AnytimeRule.Evidence;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A/A experiments: arms that do not differ, and how often each rule names a winner all the same. All rules watch the same runs,
 * none of which is stopped.
 *
 * @param policy how the arms share the traffic, no floor
 * @param perDay decisions a day
 * @param rate of both arms
 * @param days how long
 * @param looksPerDay how often the rules are asked
 */
record FalsePositives(Policy policy, long perDay, double rate, int days, int looksPerDay) {
    private static final long LEAST_DECISIONS = 100;
    private static final int LEAST_DAYS = 3;

    /** A rule and what it is called. */
    enum Rule {
        DEFAULT("default: P(best) >= 0.95 and expected loss < 0.001", new PosteriorRule(0.95, 0.001, 0)),
        PROB_BEST("P(best) >= 0.95 alone", new PosteriorRule(0.95, 1, 0)),
        LOSS("expected loss < 0.001 alone", new PosteriorRule(0, 0.001, 0)),
        VALUE_REMAINING("value remaining < 1 % alone", new PosteriorRule(0, 1, 0.01)),
        SEQUENCES("confidence sequences apart, alpha 0.05", new AnytimeRule(Evidence.SEQUENCES, 0.05)),
        E_PROCESS("e-process, alpha 0.05", new AnytimeRule(Evidence.E_PROCESS, 0.05)),
        EITHER("either of the two, alpha 0.025 each", new AnytimeRule(Evidence.EITHER, 0.05));

        final String title;
        final StopRule rule;

        Rule(String title, StopRule rule) {
            this.title = title;
            this.rule = rule;
        }
    }

    /** In how many runs each rule named an arm before the horizon. */
    int[] count(int runs, long seed) {
        long every = Math.max(1, perDay / looksPerDay);
        Schedule schedule = Schedule.of(perDay * days, every, 0, 0);
        long[] seeds = new SplittableRandom(seed).longs(runs).toArray();
        return IntStream.range(0, runs)
                .parallel()
                .mapToObj(i -> play(schedule, seeds[i]))
                .reduce(new int[Rule.values().length], FalsePositives::sum);
    }

    private int[] play(Schedule schedule, long seed) {
        int[] named = new int[Rule.values().length];
        List<StopRule> rules = Arrays.stream(Rule.values())
                .map(each -> each.rule.notBefore(LEAST_DAYS * perDay, LEAST_DECISIONS))
                .toList();
        StopRule watch = look -> {
            for (int i = 0; i < named.length; i++) {
                if (named[i] == 0 && rules.get(i).verdict(look).isPresent()) {
                    named[i] = 1;
                }
            }
            return OptionalInt.empty();
        };
        new Trial(BernoulliArms.of(rate, rate), policy, 0, watch, schedule).play(1, seed, false);
        return named;
    }

    private static int[] sum(int[] a, int[] b) {
        int[] sum = new int[a.length];
        Arrays.setAll(sum, i -> a[i] + b[i]);
        return sum;
    }
}
