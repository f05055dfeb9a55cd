package dev.bandit.pipeline.conclude;

import dev.bandit.pipeline.chart.IntervalChart;
import dev.bandit.pipeline.chart.IntervalChart.Reference;
import dev.bandit.pipeline.chart.IntervalChart.Value;
import dev.bandit.pipeline.conclude.Conclusion.Arm;
import dev.bandit.pipeline.output.OutputFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** A conclusion's arms as {@code conclude.csv}, {@code conclude-means.png} and {@code conclude-best.png}. */
public final class ConclusionFiles {

    private ConclusionFiles() {}

    /**
     * Writes all three.
     *
     * @param name of what was concluded
     * @return where they are
     * @throws dev.bandit.cli.CommandFailed if one cannot be written
     */
    public static List<Path> write(String name, Conclusion conclusion, OutputFolder folder) {
        return List.of(
                folder.write("conclude.csv", csv(conclusion)),
                folder.write("conclude-means.png", means(name, conclusion)::write),
                folder.write("conclude-best.png", best(name, conclusion)::write));
    }

    private static String csv(Conclusion conclusion) {
        StringBuilder csv =
                new StringBuilder("arm,decisions,rate,alpha,beta,mean,ci_low,ci_high,prob_best,expected_loss\n");
        for (Arm arm : conclusion.arms()) {
            csv.append(arm.arm()).append(',').append(arm.decisions()).append(',');
            csv.append(arm.rate() == null ? "" : arm.rate());
            for (double value : new double[] {
                arm.alpha(), arm.beta(), arm.mean(), arm.ciLow(), arm.ciHigh(), arm.probBest(), arm.expectedLoss()
            }) {
                csv.append(',').append(value);
            }
            csv.append('\n');
        }
        return csv.toString();
    }

    private static IntervalChart means(String name, Conclusion conclusion) {
        return new IntervalChart(
                "What is believed of the arms",
                name + ": posterior means and 95 % credible intervals",
                "mean reward",
                values(conclusion, arm -> new Value(arm.arm(), arm.mean(), arm.ciLow(), arm.ciHigh())),
                null);
    }

    /** From 0, so that what a length says is the probability. */
    private static IntervalChart best(String name, Conclusion conclusion) {
        return new IntervalChart(
                "Which arm is the best",
                "%s: %s".formatted(name, conclusion.decided() ? "winner " + conclusion.winner() : "undecided"),
                "probability to be the best",
                values(conclusion, arm -> new Value(arm.arm(), arm.probBest(), 0, arm.probBest())),
                conclusion.conditions().stream()
                        .filter(condition -> condition.name().equals("prob_best"))
                        .map(condition -> new Reference(" the rule asks for ", condition.threshold()))
                        .findFirst()
                        .orElse(null));
    }

    private static List<Value> values(Conclusion conclusion, Function<Arm, Value> value) {
        return conclusion.arms().stream().map(value).toList();
    }
}
