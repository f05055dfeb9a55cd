package dev.bandit.pipeline.cli;

import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.pipeline.cli.TrackingOptions.Heading;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.mlflow.RunKey;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.policy.PolicyName;
import dev.bandit.pipeline.replay.LogReplay;
import dev.bandit.pipeline.replay.ReplayFiles;
import dev.bandit.pipeline.replay.ReplayReport;
import dev.bandit.pipeline.replay.ReplaySettings;
import dev.bandit.pipeline.replay.ReplayText;
import dev.bandit.pipeline.store.Store;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "replay",
        description = {
            "Have a policy learn from a log as if it had decided: rounds count where it chooses the arm on record.",
            "The exit status is 3 if the log cannot be replayed."
        },
        mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {

    private static final int MOST_SEEDS = 10_000;

    @ArgGroup(exclusive = false, multiplicity = "1")
    private @Nullable LogOptions log;

    @Option(
            names = "--position",
            paramLabel = "N",
            description = "Only what was shown there, 1 to 3. Otherwise every round, each a choice of one arm.")
    private @Nullable Integer position;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            defaultValue = "thompson",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private PolicyName policy = PolicyName.thompson;

    @Option(
            names = "--epsilon",
            paramLabel = "P",
            defaultValue = "0.1",
            description = "Of epsilon_greedy (default: ${DEFAULT-VALUE}).")
    private double epsilon;

    @Option(
            names = "--min-allocation",
            paramLabel = "P",
            defaultValue = "0",
            description = "Least probability of every arm (default: ${DEFAULT-VALUE}).")
    private double floor;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "100",
            description =
                    "Decisions between two updates (default: ${DEFAULT-VALUE}, which takes seconds; 1 may take minutes).")
    private int batch;

    @Option(
            names = "--delay",
            paramLabel = "N",
            defaultValue = "0",
            description = "Decisions made before the reward of one is known (default: ${DEFAULT-VALUE}).")
    private int delay;

    @Option(
            names = "--prior",
            paramLabel = "ALPHA,BETA",
            defaultValue = "1,1",
            converter = PriorConverter.class,
            description = "Of every arm (default: ${DEFAULT-VALUE}).")
    private @Nullable BetaPosterior prior;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "20",
            description = "How many runs (default: ${DEFAULT-VALUE}).")
    private int seeds;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "From which each run gets its own (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    private final TrackingOptions tracking = new TrackingOptions();

    @Spec
    private @Nullable CommandSpec spec;

    private final Pipes pipes;

    ReplayCommand(Pipes pipes) {
        this.pipes = pipes;
    }

    @Override
    public Integer call() {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        Ranges ranges = new Ranges(command);
        ranges.require("--epsilon", epsilon, epsilon >= 0 && epsilon <= 1, "0 to 1");
        ranges.require("--batch", batch, batch >= 1, "at least 1");
        ranges.require("--delay", delay, delay >= 0, "not less than 0");
        ranges.require("--seeds", seeds, seeds >= 1 && seeds <= MOST_SEEDS, "1 to " + MOST_SEEDS);
        ranges.position(position);
        var folder = output.folder();
        ReplayReport report;
        LogOptions from = Objects.requireNonNull(log);
        try (Store open = from.open(command);
                Duck duck = Duck.open(open.scratch())) {
            LoggedRounds all = from.rounds(open);
            LoggedRounds rounds = position == null ? all : all.at(position);
            int arms = rounds.arms().size();
            ranges.require(
                    "--min-allocation",
                    floor,
                    floor >= 0 && floor * arms <= 1,
                    "0 to 1/%d, for %<d arms".formatted(arms));
            report = LogReplay.of(
                    duck,
                    open,
                    rounds,
                    new ReplaySettings(
                            policy, epsilon, floor, batch, delay, Objects.requireNonNull(prior), seeds, seed));
        }
        output.print(
                () -> ReplayText.of(report),
                () -> JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(report));
        folder.ifPresent(into -> ReplayFiles.write(report, into).forEach(output::written));
        track(report);
        pipes.materialized(Map.of(
                "rounds",
                report.rounds(),
                "match_rate",
                report.matchRate().mean(),
                "reward",
                report.reward().mean(),
                "regret",
                report.regret().mean(),
                "decisions",
                report.horizon()));
        return CommandLine.ExitCode.OK;
    }

    private void track(ReplayReport report) {
        Map<String, String> settings = TrackingOptions.settings(Objects.requireNonNull(spec));
        settings.putAll(TrackingOptions.STUDENT);
        tracking.record(
                new Heading(
                        "replay %s on %s".formatted(report.policy(), report.log()),
                        RunKey.of("replay", settings, report.toString()),
                        settings,
                        Map.of("command", "replay", "experiment_id", report.log(), "log", report.log())),
                folder -> ReplayFiles.write(report, folder),
                run -> {
                    run.metric("rounds", (double) report.rounds());
                    run.metric("match_rate", report.matchRate().mean());
                    run.metric("reward", report.reward().mean());
                    run.metric("logged_reward", report.loggedReward());
                    run.metric("lift", report.reward().mean() - report.loggedReward());
                    for (ReplayReport.Point point : report.curve()) {
                        run.metric(
                                "cumulative_reward",
                                point.decisions(),
                                point.rewards().mean());
                        run.metric(
                                "cumulative_regret",
                                point.decisions(),
                                point.regret().mean());
                    }
                });
    }
}
