package dev.bandit.pipeline.cli;

import dev.bandit.cli.ServiceCall;
import dev.bandit.pipeline.cli.TrackingOptions.Heading;
import dev.bandit.pipeline.cli.TrackingOptions.ServerAddress;
import dev.bandit.pipeline.conclude.ExperimentReport;
import dev.bandit.pipeline.conclude.RunningExperiment;
import dev.bandit.pipeline.mlflow.RunKey;
import dev.bandit.pipeline.mlflow.Tracking;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.pipes.Pipes.Markdown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "report",
        description = {
            "Say where an experiment stands: the verdict, the reasons, and every number behind them;",
            "or, with --from-mlflow, what runs have been logged."
        },
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

    enum Format {
        text,
        json,
        markdown
    }

    @Parameters(paramLabel = "EXPERIMENT", arity = "0..1", description = "Which one of the running service.")
    private @Nullable String experiment;

    @Option(
            names = "--from-mlflow",
            paramLabel = "URI",
            converter = ServerAddress.class,
            description = "Print the runs of --mlflow-experiment as a table instead.")
    private @Nullable URI fromMlflow;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    @Mixin
    private final ServiceCall service = new ServiceCall();

    @Mixin
    private final TrackingOptions tracking = new TrackingOptions();

    @Spec
    private @Nullable CommandSpec spec;

    private final Pipes pipes;

    ReportCommand(Pipes pipes) {
        this.pipes = pipes;
    }

    @Override
    public Integer call() {
        if (fromMlflow != null) {
            print(runs(fromMlflow));
        } else if (experiment == null) {
            throw wrong("EXPERIMENT or --from-mlflow is missing.");
        } else {
            report(new RunningExperiment(service, experiment));
        }
        return CommandLine.ExitCode.OK;
    }

    private ParameterException wrong(String why) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), why);
    }

    private String runs(URI server) {
        if (experiment != null || tracking.wanted()) {
            throw wrong("--from-mlflow reads runs; EXPERIMENT and --mlflow do not go with it.");
        }
        try (Tracking from = Tracking.open(server, tracking.experiment())) {
            var runs = from.runs();
            return switch (format) {
                case text -> RunsText.of(runs);
                case json ->
                    JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(runs);
                case markdown -> throw wrong("--from-mlflow gives text or json.");
            };
        }
    }

    private void report(RunningExperiment running) {
        print(running.report(format.name()));
        if (!tracking.wanted() && !pipes.isOpen()) {
            return;
        }
        ExperimentReport report = running.report();
        Map<String, String> parameters = report.parameters();
        tracking.record(
                new Heading(
                        "report " + report.experiment(),
                        RunKey.of("report", parameters, report.identity()),
                        parameters,
                        report.tags("report")),
                run -> {
                    report.metrics().forEach(run::metric);
                    attach(run::artifact, running);
                });
        pipes.materialized(Map.of(
                "experiment_id",
                report.experiment(),
                "verdict",
                report.verdict(),
                "metrics",
                report.metrics(),
                "report",
                new Markdown(running.report(Format.markdown.name()))));
    }

    /** The report for people and for programs, as files of the run. */
    private static void attach(Consumer<Path> run, RunningExperiment running) {
        try {
            Path folder = Files.createTempDirectory("bandit-report-");
            Path markdown = folder.resolve("report.md");
            Path json = folder.resolve("report.json");
            try {
                run.accept(Files.writeString(markdown, running.report(Format.markdown.name())));
                run.accept(Files.writeString(json, running.report(Format.json.name())));
            } finally {
                Files.deleteIfExists(markdown);
                Files.deleteIfExists(json);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void print(String text) {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(text.stripTrailing());
        out.flush();
    }
}
