package dev.bandit.pipeline.cli;

import dev.bandit.cli.ServiceCall;
import dev.bandit.pipeline.cli.TrackingOptions.Heading;
import dev.bandit.pipeline.cli.TrackingOptions.ServerAddress;
import dev.bandit.pipeline.conclude.ExperimentReport;
import dev.bandit.pipeline.conclude.ReportFiles;
import dev.bandit.pipeline.conclude.RunningExperiment;
import dev.bandit.pipeline.mlflow.RunKey;
import dev.bandit.pipeline.mlflow.Tracking;
import dev.bandit.pipeline.output.OutputFolder;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.pipes.Pipes.Markdown;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
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
    private final FolderOptions output = new FolderOptions();

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
        if (experiment != null || tracking.wanted() || output.wanted()) {
            throw wrong("--from-mlflow reads runs; EXPERIMENT, --mlflow and --out do not go with it.");
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
        Optional<OutputFolder> folder = output.folder();
        print(running.report(format.name()));
        if (folder.isEmpty() && !tracking.wanted() && !pipes.isOpen()) {
            return;
        }
        ExperimentReport report = running.report();
        String markdown = running.report(Format.markdown.name());
        folder.ifPresent(into -> ReportFiles.write(report, markdown, into).forEach(output::written));
        Map<String, String> parameters = report.parameters();
        tracking.record(
                new Heading(
                        "report " + report.experiment(),
                        RunKey.of("report", parameters, report.identity()),
                        parameters,
                        report.tags("report")),
                into -> ReportFiles.write(report, markdown, into),
                run -> report.metrics().forEach(run::metric));
        pipes.materialized(Map.of(
                "experiment_id",
                report.experiment(),
                "verdict",
                report.verdict(),
                "metrics",
                report.metrics(),
                "report",
                new Markdown(markdown)));
    }

    private void print(String text) {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(text.stripTrailing());
        out.flush();
    }
}
