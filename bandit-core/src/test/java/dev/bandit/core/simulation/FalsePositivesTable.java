package dev.bandit.core.simulation;

import dev.bandit.core.policy.FixedSplit;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.simulation.FalsePositives.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints the table of false positives in {@code docs/statistics.md}; {@code bench/false-positives.sh} runs it. */
final class FalsePositivesTable {
    private static final long SEED = 20260101;
    private static final int DAYS = 28;
    private static final int HOURLY = 24;
    private static final int EVERY_MINUTE = 24 * 60;

    private FalsePositivesTable() {}

    /**
     * @param args how many runs, 1000 by default
     */
    public static void main(String[] args) {
        int runs = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
        List<FalsePositives> scenarios = List.of(
                new FalsePositives(new Thompson(), 1_000, 0.1, DAYS, HOURLY),
                new FalsePositives(new Thompson(), 10_000, 0.02, DAYS, HOURLY),
                new FalsePositives(new Thompson(), 10_000, 0.1, DAYS, HOURLY),
                new FalsePositives(new Thompson(), 10_000, 0.1, DAYS, EVERY_MINUTE),
                new FalsePositives(new Thompson(), 10_000, 0.5, DAYS, HOURLY),
                new FalsePositives(new Thompson(), 1_000_000, 0.1, DAYS, HOURLY),
                new FalsePositives(new FixedSplit(), 10_000, 0.1, DAYS, HOURLY));
        List<int[]> counts = new ArrayList<>();
        for (FalsePositives scenario : scenarios) {
            counts.add(scenario.count(runs, SEED));
            System.err.println("done: " + scenario);
        }
        StringBuilder header = new StringBuilder("| rule |");
        for (FalsePositives scenario : scenarios) {
            header.append(String.format(
                    Locale.ROOT,
                    " %s, %,d a day, %s, %s |",
                    scenario.policy() instanceof Thompson ? "Thompson" : "fixed split",
                    scenario.perDay(),
                    scenario.rate(),
                    scenario.looksPerDay() == HOURLY ? "hourly" : "every minute"));
        }
        System.out.println(header);
        System.out.println("|---".repeat(scenarios.size() + 1) + "|");
        for (Rule rule : Rule.values()) {
            StringBuilder row = new StringBuilder("| " + rule.title + " |");
            for (int[] count : counts) {
                row.append(String.format(Locale.ROOT, " %.1f |", 100.0 * count[rule.ordinal()] / runs));
            }
            System.out.println(row);
        }
    }
}
