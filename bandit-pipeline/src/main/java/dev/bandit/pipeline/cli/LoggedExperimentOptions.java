package dev.bandit.pipeline.cli;

import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.core.simulation.PosteriorRule;
import dev.bandit.pipeline.conclude.Conclusion;
import dev.bandit.pipeline.conclude.LoggedExperiment;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.store.Store;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A log that is judged like an experiment, and the rule that it is judged by; the defaults are the service's. */
final class LoggedExperimentOptions {

    @ArgGroup(exclusive = false, multiplicity = "1")
    private @Nullable LogOptions log;

    @Option(
            names = "--position",
            paramLabel = "N",
            description = "Only what was shown there, 1 to 3 (default: all positions together).")
    private @Nullable Integer position;

    @Option(
            names = "--prior",
            paramLabel = "ALPHA,BETA",
            defaultValue = "1,1",
            converter = PriorConverter.class,
            description = "Of every arm (default: ${DEFAULT-VALUE}).")
    private @Nullable BetaPosterior prior;

    @Option(
            names = "--prob-best",
            paramLabel = "P",
            defaultValue = "0.95",
            description = "Least probability that the winner is the best (default: ${DEFAULT-VALUE}).")
    private double probBest;

    @Option(
            names = "--max-expected-loss",
            paramLabel = "L",
            defaultValue = "0.001",
            description = "What taking the winner may lose, below that (default: ${DEFAULT-VALUE}).")
    private double maxExpectedLoss;

    @Option(
            names = "--max-value-remaining",
            paramLabel = "V",
            defaultValue = "0",
            description = "By what share another arm may be better, with probability 0.95 (default: not asked).")
    private double maxValueRemaining;

    @Option(
            names = "--min-decisions-per-arm",
            paramLabel = "N",
            defaultValue = "100",
            description = "Rounds that every arm must have (default: ${DEFAULT-VALUE}).")
    private long fewest;

    /** What it is called. */
    String name() {
        return Objects.requireNonNull(log).name();
    }

    /** Judges it; what has to be said beside goes to standard error. */
    Conclusion conclusion(CommandLine command) {
        Ranges ranges = new Ranges(command);
        ranges.require("--prob-best", probBest, probBest >= 0 && probBest <= 1, "0 to 1");
        ranges.require("--max-expected-loss", maxExpectedLoss, maxExpectedLoss >= 0 && maxExpectedLoss <= 1, "0 to 1");
        ranges.require(
                "--max-value-remaining",
                maxValueRemaining,
                maxValueRemaining >= 0 && maxValueRemaining < Double.POSITIVE_INFINITY,
                "a finite number, not less than 0");
        ranges.require("--min-decisions-per-arm", fewest, fewest >= 0, "not less than 0");
        ranges.position(position);
        LogOptions from = Objects.requireNonNull(log);
        try (Store open = from.open(command);
                Duck duck = Duck.open(open.scratch())) {
            LoggedRounds all = from.rounds(open);
            LoggedExperiment experiment = LoggedExperiment.of(duck, open, position == null ? all : all.at(position));
            if (experiment.confounded()) {
                command.getErr()
                        .println(
                                "All positions together: the policy of this log did not give each arm the same share of them, so rates compare"
                                        + " positions too; --position judges one.");
                command.getErr().flush();
            }
            return Conclusion.of(
                    experiment.evidence(),
                    Objects.requireNonNull(prior),
                    new PosteriorRule(probBest, maxExpectedLoss, maxValueRemaining),
                    fewest);
        }
    }
}
