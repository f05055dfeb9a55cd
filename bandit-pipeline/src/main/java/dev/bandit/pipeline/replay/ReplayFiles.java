package dev.bandit.pipeline.replay;

import dev.bandit.pipeline.chart.LineChart;
import dev.bandit.pipeline.chart.LineChart.Axis;
import dev.bandit.pipeline.chart.LineChart.Line;
import dev.bandit.pipeline.output.OutputFolder;
import dev.bandit.pipeline.replay.ReplayReport.Point;
import dev.bandit.pipeline.replay.ReplayReport.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The curves as {@code replay.csv}, {@code replay-reward.png} and {@code replay-regret.png}. */
public final class ReplayFiles {

    private ReplayFiles() {}

    /**
     * Writes all three.
     *
     * @return where they are
     * @throws dev.bandit.cli.CommandFailed if one cannot be written
     */
    public static List<Path> write(ReplayReport report, OutputFolder folder) {
        return List.of(
                folder.write("replay.csv", csv(report)),
                folder.write("replay-reward.png", rewards(report)::write),
                folder.write("replay-regret.png", regret(report)::write));
    }

    private static String csv(ReplayReport report) {
        StringBuilder csv =
                new StringBuilder("decisions,rewards,rewards_low,rewards_high,regret,regret_low,regret_high\n");
        for (Point point : report.curve()) {
            csv.append(point.decisions());
            append(csv, point.rewards());
            append(csv, point.regret());
            csv.append('\n');
        }
        return csv.toString();
    }

    /** Without an interval, two empty fields. */
    private static void append(StringBuilder csv, Value value) {
        csv.append(',').append(value.mean()).append(',');
        if (value.seeds() == null) {
            csv.append(',');
        } else {
            csv.append(value.seeds().low()).append(',').append(value.seeds().high());
        }
    }

    private static LineChart rewards(ReplayReport report) {
        return chart(
                report,
                "Rewards so far, mean of the runs and its 95 % interval",
                "rewards",
                List.of(
                        line(report, report.policy().name(), Point::rewards),
                        straight(report, "the policy that decided", report.loggedReward())));
    }

    private static LineChart regret(ReplayReport report) {
        return chart(
                report,
                "Regret so far, mean of the runs and its 95 % interval",
                "rewards lost against arm " + report.bestArm().arm(),
                List.of(
                        line(report, report.policy().name(), Point::regret),
                        straight(
                                report,
                                "the policy that decided",
                                report.bestArm().reward() - report.loggedReward())));
    }

    private static LineChart chart(ReplayReport report, String title, String counted, List<Line> lines) {
        return new LineChart(
                title,
                String.format(
                        Locale.ROOT,
                        "%s, %,d rounds, %d runs, seed %d",
                        report.log(),
                        report.rounds(),
                        report.runs().size(),
                        report.seed()),
                new Axis("decisions", false),
                new Axis(counted, false),
                lines);
    }

    private static Line line(ReplayReport report, String name, Function<Point, Value> value) {
        return new Line(
                name,
                along(report, Point::decisions),
                along(report, point -> value.apply(point).mean()),
                along(report, point -> value.apply(point).low()),
                along(report, point -> value.apply(point).high()),
                false);
    }

    private static Line straight(ReplayReport report, String name, double slope) {
        return Line.reference(name, along(report, Point::decisions), along(report, point -> slope * point.decisions()));
    }

    private static double[] along(ReplayReport report, ToDoubleFunction<Point> value) {
        return report.curve().stream().mapToDouble(value).toArray();
    }
}
