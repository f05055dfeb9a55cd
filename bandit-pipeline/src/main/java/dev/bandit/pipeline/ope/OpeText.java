package dev.bandit.pipeline.ope;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report for people. */
public final class OpeText {

    private OpeText() {}

    public static String of(OpeReport report) {
        StringBuilder text = new StringBuilder();
        line(text, String.format(Locale.ROOT, "%s on %s: %,d rounds.", report.policy(), report.log(), report.rounds()));
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "Effective rounds %,.0f; weights up to %.4g, on average %.4f.",
                        report.ess(),
                        report.maxWeight(),
                        report.meanWeight()));
        if (report.onPolicyValue() != null) {
            line(
                    text,
                    String.format(Locale.ROOT, "The policy that decided earned %.6f a round.", report.onPolicyValue()));
        }
        text.append(System.lineSeparator());
        if (report.reason() != null) {
            return text.append(report.reason()).toString();
        }
        line(
                text,
                String.format(
                        Locale.ROOT,
                        "%-12s %10s   %s %% interval (%s)",
                        "ESTIMATOR",
                        "VALUE",
                        report.percent(),
                        report.interval()));
        for (OpeReport.Estimated one : report.estimators()) {
            line(
                    text,
                    String.format(
                            Locale.ROOT,
                            "%-12s %10.6f   %s",
                            one.name(),
                            one.value(),
                            ends(one.ciLow(), one.ciHigh())));
        }
        return text.toString().stripTrailing();
    }

    private static String ends(@Nullable Double low, @Nullable Double high) {
        return low == null || high == null ? "–" : String.format(Locale.ROOT, "%.6f to %.6f", low, high);
    }

    private static void line(StringBuilder text, String line) {
        text.append(line.stripTrailing()).append(System.lineSeparator());
    }
}
