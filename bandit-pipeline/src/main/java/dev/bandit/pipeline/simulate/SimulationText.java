package dev.bandit.pipeline.simulate;

import dev.bandit.pipeline.simulate.SimulationResult.Bound;
import dev.bandit.pipeline.simulate.SimulationResult.Point;
import dev.bandit.pipeline.simulate.SimulationResult.PolicyResult;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A result for people: what was played, a table of the policies, some points of their curves. */
public final class SimulationText {

    /** How far back the table goes: to the horizon's hundred thousandth. */
    private static final long SHOWN = 100_000;

    private SimulationText() {}

    public static String of(SimulationResult result) {
        StringBuilder text = new StringBuilder();
        played(result.simulation(), text);
        text.append('\n');
        append(summary(result), text);
        text.append('\n');
        append(curves(result), text);
        text.append("\nRegret: successes lost against always playing the best arm");
        text.append(result.simulation().changes().isEmpty() ? "." : " of the moment.");
        bound(result)
                .ifPresent(bound -> text.append(String.format(
                        Locale.ROOT,
                        " C ln T, the bound of Lai and Robbins in the long run: C = %.4g.",
                        bound.constant())));
        return text.toString();
    }

    private static void played(Simulation played, StringBuilder text) {
        text.append("Arms      ").append(rates(played.rates())).append('\n');
        played.changes()
                .forEach((at, rates) -> text.append(
                        String.format(Locale.ROOT, "Change    after %,d decisions: %s%n", at, rates(rates))));
        text.append(String.format(
                Locale.ROOT,
                "Played    %,d decisions, %,d times, seed %d%n",
                played.horizon(),
                played.replications(),
                played.seed()));
        List<String> conditions = new ArrayList<>();
        if (played.delay() > 0) {
            conditions.add(String.format(Locale.ROOT, "rewards %,d decisions late", played.delay()));
        }
        if (played.refresh() > 0) {
            conditions.add(String.format(Locale.ROOT, "propensities renewed every %,d decisions", played.refresh()));
        }
        if (played.minAllocation() > 0) {
            conditions.add("every arm at least " + percent(played.minAllocation()));
        }
        if (played.prior().alpha() != 1 || played.prior().beta() != 1) {
            conditions.add("from " + "Beta(" + plain(played.prior().alpha()) + ", "
                    + plain(played.prior().beta()) + ")");
        }
        if (!conditions.isEmpty()) {
            text.append("          ").append(String.join("; ", conditions)).append('\n');
        }
    }

    private static String rates(Map<String, Double> rates) {
        return rates.entrySet().stream()
                .map(arm -> arm.getKey() + " " + percent(arm.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static List<List<String>> summary(SimulationResult result) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(new ArrayList<>(List.of("POLICY", "REGRET", "95 % INTERVAL", "BEST ARM")));
        for (PolicyResult each : result.policies()) {
            rows.add(new ArrayList<>(List.of(
                    name(each),
                    count(each.regret().mean()),
                    count(each.regret().interval().lower()) + " to "
                            + count(each.regret().interval().upper()),
                    String.format(
                            Locale.ROOT, "%.2f %%", 100 * each.bestArmShare().mean()))));
        }
        bound(result).filter(bound -> bound.atHorizon() > 0).ifPresent(bound -> {
            rows.getFirst().add("OF C LN T");
            for (int i = 0; i < result.policies().size(); i++) {
                rows.get(i + 1)
                        .add(String.format(
                                Locale.ROOT,
                                "%.2f",
                                result.policies().get(i).regret().mean() / bound.atHorizon()));
            }
        });
        return rows;
    }

    /** The last powers of ten, and the horizon. */
    private static List<List<String>> curves(SimulationResult result) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("REGRET AFTER"));
        result.policies().forEach(each -> head.add(name(each)));
        bound(result).ifPresent(bound -> head.add("C ln T"));
        rows.add(head);
        List<Point> points = result.policies().getFirst().curve();
        for (int i = 0; i < points.size(); i++) {
            long decisions = points.get(i).decisions();
            if (isShown(decisions, result.simulation())) {
                int at = i;
                List<String> row = new ArrayList<>(List.of(String.format(Locale.ROOT, "%,d", decisions)));
                result.policies()
                        .forEach(each ->
                                row.add(count(each.curve().get(at).regret().mean())));
                bound(result).ifPresent(bound -> row.add(count(bound.after(decisions))));
                rows.add(row);
            }
        }
        return rows;
    }

    private static boolean isShown(long decisions, Simulation played) {
        return decisions == played.horizon()
                || played.changes().containsKey(decisions)
                || isPowerOfTen(decisions) && decisions > played.horizon() / SHOWN;
    }

    private static boolean isPowerOfTen(long number) {
        long left = number;
        while (left % 10 == 0) {
            left /= 10;
        }
        return left == 1;
    }

    /** One of 0 says nothing. */
    private static Optional<Bound> bound(SimulationResult result) {
        return result.laiRobbins().filter(bound -> bound.constant() > 0);
    }

    private static String name(PolicyResult result) {
        return result.epsilon().isPresent()
                ? result.policy() + " " + plain(result.epsilon().getAsDouble())
                : result.policy().name();
    }

    /** The first column to the left, the others to the right, as wide as they need. */
    private static void append(List<List<String>> rows, StringBuilder text) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int k = 0; k < columns; k++) {
                widths[k] = Math.max(widths[k], row.get(k).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(pad(row.getFirst(), -widths[0]));
            for (int k = 1; k < columns; k++) {
                line.append("   ").append(pad(row.get(k), widths[k]));
            }
            text.append(line).append('\n');
        }
    }

    private static String pad(String value, int width) {
        return String.format(Locale.ROOT, "%" + width + "s", value);
    }

    private static String count(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 1_000 ? "%,.1f" : "%,.0f", value);
    }

    private static String percent(double share) {
        return plain(100 * share) + " %";
    }

    /** With as many digits as it has, without what arithmetic has added. */
    private static String plain(double value) {
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
        return rounded.toPlainString();
    }
}
