package dev.bandit.pipeline.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.cli.ServiceCall;
import dev.bandit.pipeline.cli.TrackingOptions.Heading;
import dev.bandit.pipeline.conclude.Conclusion;
import dev.bandit.pipeline.conclude.Conclusion.Arm;
import dev.bandit.pipeline.conclude.ConclusionFiles;
import dev.bandit.pipeline.conclude.ConclusionText;
import dev.bandit.pipeline.conclude.ExperimentReport;
import dev.bandit.pipeline.conclude.RunningExperiment;
import dev.bandit.pipeline.mlflow.Run;
import dev.bandit.pipeline.mlflow.RunKey;
import dev.bandit.pipeline.output.OutputFolder;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.pipes.Pipes.Level;
import dev.bandit.pipeline.pipes.Pipes.Severity;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "conclude",
        description = {
            "Say whether an experiment is over, by the posterior-probability rule.",
            "The exit status is 0 if there is a winner, and 3 if the rule does not name one yet."
        },
        mixinStandardHelpOptions = true)
final class ConcludeCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "EXPERIMENT",
            arity = "0..1",
            description = "One of the running service, judged by the rule in its definition.")
    private @Nullable String experiment;

    @ArgGroup(exclusive = false, heading = "A log instead of an experiment:%n")
    private @Nullable LoggedExperimentOptions log;

    @Mixin
    private final ServiceCall service = new ServiceCall();

    @Mixin
    private final TrackingOptions tracking = new TrackingOptions();

    @Option(names = "--apply", description = "Conclude it in the service too, if there is a winner.")
    private boolean apply;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Spec
    private @Nullable CommandSpec spec;

    private final Pipes pipes;

    ConcludeCommand(Pipes pipes) {
        this.pipes = pipes;
    }

    @Override
    public Integer call() {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        if ((experiment == null) == (log == null)) {
            throw new ParameterException(command, "Expected an EXPERIMENT or a log by --store, and not both");
        }
        if (log != null) {
            if (apply) {
                throw new ParameterException(command, "--apply is for an EXPERIMENT, not for a log");
            }
            Optional<OutputFolder> folder = output.folder();
            Conclusion conclusion = log.conclusion(command);
            print(log.name(), conclusion, folder);
            track(log.name(), conclusion);
            return told(log.name(), conclusion);
        }
        String id = Objects.requireNonNull(experiment);
        Optional<OutputFolder> folder = output.folder();
        var running = new RunningExperiment(service, id);
        var conclusion = running.conclusion();
        if (conclusion.decided() && apply) {
            running.conclude();
        }
        print(id, conclusion, folder);
        if (tracking.wanted()) {
            track(conclusion, running.report());
        }
        return told(id, conclusion);
    }

    private int told(String name, Conclusion conclusion) {
        pipes.log(Level.INFO, "%s: %s, %s leads".formatted(name, conclusion.verdict(), conclusion.leader()));
        conclusion.conditions().stream()
                .filter(condition -> condition.name().equals("min_decisions_per_arm"))
                .forEach(condition -> pipes.checked(
                        "enough_decisions",
                        condition.holds(),
                        Severity.WARN,
                        Map.of("fewest", condition.value(), "needed", condition.threshold())));
        pipes.materialized(Map.of(
                "experiment_id",
                name,
                "verdict",
                conclusion.verdict(),
                "leader",
                conclusion.leader(),
                "decisions",
                decisions(conclusion),
                "conclusion",
                JsonMapper.shared().valueToTree(conclusion)));
        return conclusion.decided() ? CommandLine.ExitCode.OK : CommandFailed.CANNOT_ANSWER;
    }

    private void track(Conclusion conclusion, ExperimentReport report) {
        Map<String, String> parameters = new TreeMap<>(report.parameters());
        parameters.put("test_type", "posterior_rule");
        parameters.putAll(thresholds(conclusion));
        Map<String, String> tags = new TreeMap<>(report.tags("conclude"));
        tags.put("decision", conclusion.verdict());
        tags.put("leader", conclusion.leader());
        String identity = conclusion.verdict() + conclusion.arms() + report.identity();
        tracking.record(
                new Heading("conclude " + experiment, RunKey.of("conclude", parameters, identity), parameters, tags),
                folder -> ConclusionFiles.write(report.experiment(), conclusion, folder),
                run -> {
                    report.metrics().forEach(run::metric);
                    log(conclusion, run);
                });
    }

    private void track(String name, Conclusion conclusion) {
        Map<String, String> parameters = new TreeMap<>(TrackingOptions.settings(Objects.requireNonNull(spec)));
        parameters.put("test_type", "posterior_rule");
        parameters.put("policy", parameters.getOrDefault("behavior", "random"));
        Map<String, String> tags = Map.of(
                "command",
                "conclude",
                "experiment_id",
                name,
                "decision",
                conclusion.verdict(),
                "leader",
                conclusion.leader());
        tracking.record(
                new Heading(
                        "conclude " + name, RunKey.of("conclude", parameters, conclusion.toString()), parameters, tags),
                folder -> ConclusionFiles.write(name, conclusion, folder),
                run -> {
                    for (Arm arm : conclusion.arms()) {
                        run.metric("mean/" + arm.arm(), arm.mean());
                        if (arm.rate() != null) {
                            run.metric("rate/" + arm.arm(), arm.rate());
                        }
                    }
                    log(conclusion, run);
                });
    }

    private static void log(Conclusion conclusion, Run run) {
        for (Arm arm : conclusion.arms()) {
            run.metric("decisions/" + arm.arm(), (double) arm.decisions());
            if (arm.arm().equals(conclusion.leader())) {
                run.metric("prob_best", arm.probBest());
                run.metric("expected_loss", arm.expectedLoss());
            }
        }
        run.metric("decisions", (double) decisions(conclusion));
    }

    private static long decisions(Conclusion conclusion) {
        return conclusion.arms().stream().mapToLong(Arm::decisions).sum();
    }

    private static Map<String, String> thresholds(Conclusion conclusion) {
        Map<String, String> thresholds = new TreeMap<>();
        conclusion
                .conditions()
                .forEach(
                        condition -> thresholds.put("stop_" + condition.name(), String.valueOf(condition.threshold())));
        return thresholds;
    }

    private void print(String name, Conclusion conclusion, Optional<OutputFolder> folder) {
        output.print(
                () -> ConclusionText.of(conclusion),
                () -> JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(conclusion));
        folder.ifPresent(into -> ConclusionFiles.write(name, conclusion, into).forEach(output::written));
    }
}
