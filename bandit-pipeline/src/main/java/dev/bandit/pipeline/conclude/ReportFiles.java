package dev.bandit.pipeline.conclude;

import dev.bandit.pipeline.chart.IntervalChart;
import dev.bandit.pipeline.chart.IntervalChart.Reference;
import dev.bandit.pipeline.chart.IntervalChart.Value;
import dev.bandit.pipeline.output.OutputFolder;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** A report as {@code report.md} and {@code report.json}, its arms as {@code report-rates.png} and {@code report-lift.png}. */
public final class ReportFiles {

    private ReportFiles() {}

    /**
     * Writes them; a picture only if there is something to draw.
     *
     * @param markdown the report as the service tells it to people
     * @return where they are
     * @throws dev.bandit.cli.CommandFailed if one cannot be written
     */
    public static List<Path> write(ExperimentReport report, String markdown, OutputFolder folder) {
        List<Path> written = new ArrayList<>();
        written.add(folder.write("report.md", markdown));
        written.add(folder.write("report.json", report.json().toPrettyString()));
        draw(rates(report.json()), "report-rates.png", folder, written);
        draw(lifts(report.json()), "report-lift.png", folder, written);
        return written;
    }

    private static void draw(IntervalChart chart, String name, OutputFolder folder, List<Path> written) {
        if (!chart.values().isEmpty()) {
            written.add(folder.write(name, chart::write));
        }
    }

    static IntervalChart rates(JsonNode report) {
        List<Value> values = new ArrayList<>();
        for (JsonNode arm : report.required("arms")) {
            String name = arm.required("arm_id").asString();
            add(
                    values,
                    arm.path("control").asBoolean() ? name + " (control)" : name,
                    arm.path("rate"),
                    arm.path("anytime_ci95"));
        }
        return new IntervalChart(
                "What the arms earn",
                experiment(report) + ": 95 % intervals that hold at any time, for all arms together",
                "rate",
                values,
                null);
    }

    /** With the intervals that the verdict may go by: those of a fixed sample do not hold where arms were chosen adaptively. */
    static IntervalChart lifts(JsonNode report) {
        boolean adaptive = report.required("adaptive").asBoolean();
        List<Value> values = new ArrayList<>();
        for (JsonNode comparison : report.required("comparisons")) {
            add(
                    values,
                    comparison.required("arm_id").asString(),
                    comparison.path("lift"),
                    adaptive ? comparison.path("anytime") : comparison.at("/fixed_sample_test/lift_ci95"));
        }
        BigDecimal level = BigDecimal.ONE
                .subtract(report.required("power").required("alpha").decimalValue())
                .scaleByPowerOfTen(2)
                .stripTrailingZeros();
        return new IntervalChart(
                "Lift over the control",
                "%s: %s"
                        .formatted(
                                experiment(report),
                                adaptive
                                        ? level.toPlainString()
                                                + " % intervals that hold at any time, for all treatments together"
                                        : "95 % intervals (Newcombe) of a single look, as planned"),
                "difference of the rates",
                values,
                new Reference(" no difference ", 0));
    }

    private static String experiment(JsonNode report) {
        return report.required("experiment_id").asString();
    }

    /** What the service cannot compute yet is left out. */
    private static void add(List<Value> values, String name, JsonNode value, JsonNode interval) {
        if (value.isNumber() && interval.size() == 2) {
            values.add(new Value(
                    name,
                    value.asDouble(),
                    interval.get(0).asDouble(),
                    interval.get(1).asDouble()));
        }
    }
}
