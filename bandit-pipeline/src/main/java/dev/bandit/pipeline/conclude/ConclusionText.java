package dev.bandit.pipeline.conclude;

import dev.bandit.pipeline.conclude.Conclusion.Arm;
import dev.bandit.pipeline.conclude.Conclusion.Condition;
import java.util.Locale;

/** A conclusion for people: what it is, why, and the arms. */
public final class ConclusionText {

    private ConclusionText() {}

    public static String of(Conclusion conclusion) {
        StringBuilder text = new StringBuilder();
        text.append(
                conclusion.decided()
                        ? "Winner: %s.%n".formatted(conclusion.winner())
                        : "Undecided: %s leads, but not every condition of the rule holds.%n"
                                .formatted(conclusion.leader()));
        text.append(System.lineSeparator());
        for (Condition condition : conclusion.conditions()) {
            text.append(line("  %-22s %-8s %14s   threshold %s"
                    .formatted(
                            condition.name(),
                            condition.holds() ? "holds" : "not yet",
                            number(condition.value()),
                            number(condition.threshold()))));
        }
        int width =
                conclusion.arms().stream().mapToInt(arm -> arm.arm().length()).reduce(4, Math::max);
        text.append(System.lineSeparator());
        String columns = "%-" + width + "s %12s %9s %21s %9s %14s";
        text.append(line(columns.formatted("ARM", "DECISIONS", "MEAN", "95 % INTERVAL", "P(BEST)", "EXPECTED LOSS")));
        for (Arm arm : conclusion.arms()) {
            text.append(line(columns.formatted(
                    arm.arm(),
                    String.format(Locale.ROOT, "%,d", arm.decisions()),
                    number(arm.mean()),
                    number(arm.ciLow()) + " to " + number(arm.ciHigh()),
                    number(arm.probBest()),
                    number(arm.expectedLoss()))));
        }
        return text.toString().stripTrailing();
    }

    private static String line(String text) {
        return text.stripTrailing() + System.lineSeparator();
    }

    /** Four digits that count. */
    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e12) {
            return String.format(Locale.ROOT, "%,d", (long) value);
        }
        return Math.abs(value) < 1e-4
                ? String.format(Locale.ROOT, "%.2e", value)
                : String.format(Locale.ROOT, "%.5f", value);
    }
}
