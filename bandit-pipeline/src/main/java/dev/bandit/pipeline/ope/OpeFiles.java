package dev.bandit.pipeline.ope;

import dev.bandit.pipeline.chart.IntervalChart;
import dev.bandit.pipeline.chart.IntervalChart.Reference;
import dev.bandit.pipeline.chart.IntervalChart.Value;
import dev.bandit.pipeline.output.OutputFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The estimates as {@code ope.csv} and {@code ope.png}. */
public final class OpeFiles {

    private OpeFiles() {}

    /**
     * Writes both; the picture only if there is something to draw.
     *
     * @return where they are
     * @throws dev.bandit.cli.CommandFailed if one cannot be written
     */
    public static List<Path> write(OpeReport report, OutputFolder folder) {
        List<Path> written = new ArrayList<>();
        written.add(folder.write("ope.csv", csv(report)));
        if (!report.estimators().isEmpty()) {
            written.add(folder.write("ope.png", chart(report)::write));
        }
        return written;
    }

    private static String csv(OpeReport report) {
        StringBuilder csv = new StringBuilder("estimator,value,ci_low,ci_high,interval,level\n");
        for (OpeReport.Estimated one : report.estimators()) {
            csv.append(one.name()).append(',').append(one.value()).append(',');
            csv.append(text(one.ciLow())).append(',').append(text(one.ciHigh())).append(',');
            csv.append(report.interval()).append(',').append(report.level()).append('\n');
        }
        return csv.toString();
    }

    private static String text(@Nullable Double value) {
        return value == null ? "" : value.toString();
    }

    private static IntervalChart chart(OpeReport report) {
        List<Value> values = report.estimators().stream()
                .map(one -> new Value(
                        one.name(),
                        one.value(),
                        Objects.requireNonNullElse(one.ciLow(), one.value()),
                        Objects.requireNonNullElse(one.ciHigh(), one.value())))
                .toList();
        return new IntervalChart(
                "What %s would have earned".formatted(named(report.policy())),
                String.format(
                        Locale.ROOT,
                        "%s, %,d rounds that say as much as %,.0f of its own; %s %% intervals (%s)",
                        report.log(),
                        report.rounds(),
                        report.ess(),
                        report.percent(),
                        report.interval()),
                "reward a round",
                values,
                report.onPolicyValue() == null ? null : new Reference(" what the log earned ", report.onPolicyValue()));
    }

    /** A policy without the folders of its file. */
    private static String named(String policy) {
        int colon = policy.indexOf(':');
        return colon < 0
                ? policy
                : "%s (%s)"
                        .formatted(
                                policy.substring(0, colon),
                                Path.of(policy.substring(colon + 1)).getFileName());
    }
}
