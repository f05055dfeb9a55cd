package dev.bandit.pipeline.simulate;

import dev.bandit.pipeline.chart.LineChart;
import dev.bandit.pipeline.chart.LineChart.Axis;
import dev.bandit.pipeline.chart.LineChart.Line;
import dev.bandit.pipeline.output.OutputFolder;
import dev.bandit.pipeline.simulate.SimulationResult.Point;
import dev.bandit.pipeline.simulate.SimulationResult.PolicyResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** The regret curves as {@code regret.csv} and {@code regret.png}. */
public final class SimulationFiles {

    /** Beyond it the smaller regret would lie flat on an even axis. */
    private static final double FAR_APART = 8;

    private SimulationFiles() {}

    /**
     * Writes both.
     *
     * @return where they are
     * @throws dev.bandit.cli.CommandFailed if one cannot be written
     */
    public static List<Path> write(SimulationResult result, OutputFolder folder) {
        return List.of(folder.write("regret.csv", csv(result)), folder.write("regret.png", chart(result)::write));
    }

    private static String csv(SimulationResult result) {
        StringBuilder csv = new StringBuilder("policy,decisions,regret,standard_error,ci_low,ci_high,lai_robbins\n");
        for (PolicyResult each : result.policies()) {
            for (Point point : each.curve()) {
                csv.append(each.policy()).append(',').append(point.decisions());
                csv.append(',').append(point.regret().mean());
                csv.append(',').append(point.regret().standardError());
                csv.append(',').append(point.regret().interval().lower());
                csv.append(',').append(point.regret().interval().upper());
                csv.append(',');
                result.laiRobbins().ifPresent(bound -> csv.append(bound.after(point.decisions())));
                csv.append('\n');
            }
        }
        return csv.toString();
    }

    private static LineChart chart(SimulationResult result) {
        Simulation played = result.simulation();
        List<Line> lines = new ArrayList<>();
        for (PolicyResult each : result.policies()) {
            lines.add(new Line(
                    String.format(
                            Locale.ROOT,
                            "%s: %,.1f",
                            each.policy(),
                            each.regret().mean()),
                    along(each, Point::decisions),
                    along(each, point -> point.regret().mean()),
                    along(each, point -> point.regret().interval().lower()),
                    along(each, point -> point.regret().interval().upper()),
                    false));
        }
        result.laiRobbins().filter(bound -> bound.constant() > 0).ifPresent(bound -> {
            PolicyResult first = result.policies().getFirst();
            lines.add(Line.reference(
                    String.format(Locale.ROOT, "C ln T (Lai and Robbins): %,.1f", bound.atHorizon()),
                    along(first, Point::decisions),
                    along(first, point -> bound.after(point.decisions()))));
        });
        return new LineChart(
                "Mean regret and its 95 % interval",
                String.format(
                        Locale.ROOT,
                        "%,d decisions, %,d replications, seed %d",
                        played.horizon(),
                        played.replications(),
                        played.seed()),
                // What grows like ln T is straight on a logarithmic axis; what changes at a moment is seen on an even
                // one.
                new Axis("decisions", played.changes().isEmpty()),
                new Axis("successes lost against the best arm", isFarApart(result)),
                lines);
    }

    private static boolean isFarApart(SimulationResult result) {
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (PolicyResult each : result.policies()) {
            least = Math.min(least, each.regret().mean());
            most = Math.max(most, each.regret().mean());
        }
        return least > 0 && most / least > FAR_APART;
    }

    private static double[] along(PolicyResult result, ToDoubleFunction<Point> value) {
        return result.curve().stream().mapToDouble(value).toArray();
    }
}
