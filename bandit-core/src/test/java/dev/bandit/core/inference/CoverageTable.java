package dev.bandit.core.inference;

import dev.bandit.core.inference.Coverage.Kind;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/** Prints the table of coverage in {@code docs/statistics.md}; {@code bench/coverage.sh} runs it. */
final class CoverageTable {
    private static final long SEED = 20260101;
    private static final double FLOOR = 0.01;

    private CoverageTable() {}

    /**
     * @param args how many runs, 2000 by default
     */
    public static void main(String[] args) {
        int runs = args.length > 0 ? Integer.parseInt(args[0]) : 2000;
        List<Coverage> scenarios = List.of(
                scenario(2000, 0.1, 0.1),
                scenario(2000, 0.1, 0.15),
                scenario(2000, 0.1, 0.1, 0.1, 0.15),
                scenario(20_000, 0.1, 0.1),
                scenario(20_000, 0.1, 0.15));
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
        for (Coverage scenario : scenarios) {
            for (int i = 0; i < runs; i++) {
                scenario.add(random);
            }
        }
        for (Kind kind : Kind.values()) {
            row(kind.title, scenarios, scenario -> cell(kind, scenario));
        }
        row("adaptive sample ratio: alarms at p < 0.001", scenarios, s -> s.mismatches() + " of " + runs);
        row("e-process: some arm differs, at 5 %", scenarios, s -> percent(s.rejections() / (double) runs) + " %");
    }

    /** The posteriors are renewed 200 times a run. */
    private static Coverage scenario(int decisions, double... rates) {
        return new Coverage(new ThompsonRun(rates, decisions, decisions / 200, FLOOR));
    }

    private static void row(String title, List<Coverage> scenarios, Function<Coverage, String> cell) {
        System.out.println("| " + title + " | "
                + String.join(" | ", scenarios.stream().map(cell).toList()) + " |");
    }

    private static String cell(Kind kind, Coverage scenario) {
        int difference = scenario.difference();
        String arms = percent(scenario.rate(kind, 0)) + ", " + percent(scenario.rate(kind, difference - 1));
        return kind == Kind.ALWAYS ? arms : arms + ", " + percent(scenario.rate(kind, difference));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f", 100 * share);
    }
}
