package dev.bandit.service.cli;

import dev.bandit.service.analyze.Analysis;
import dev.bandit.service.analyze.AnalysisFailed;
import dev.bandit.service.analyze.AnalysisJson;
import dev.bandit.service.analyze.AnalysisText;
import dev.bandit.service.analyze.DensityPlot;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "analyze",
        description = "Say what posterior snapshots mean: intervals, every pair's superiority, the likely winner.",
        mixinStandardHelpOptions = true)
final class AnalyzeCommand implements Callable<Integer> {

    enum Format {
        text,
        json
    }

    @Parameters(
            paramLabel = "FILE",
            description =
                    "Snapshots as CSV with a header, or a DynamoDB export (JSON lines), plain or .gz; or a folder of them.")
    private @Nullable Path file;

    @Option(names = "--test", paramLabel = "ID", description = "Only this test.")
    private @Nullable String test;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    @Option(
            names = "--plot",
            paramLabel = "PICTURE.png",
            description = "Draw the posterior densities; of several tests each into PICTURE-<test>.png.")
    private @Nullable Path plot;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        try {
            var analysis = Analysis.of(Objects.requireNonNull(file), test);
            var out = command.getOut();
            switch (format) {
                case text -> out.println(AnalysisText.of(analysis));
                case json -> out.println(AnalysisJson.from(analysis).text());
            }
            out.flush();
            if (plot != null) {
                // On the side, so that the output stays the JSON it was asked to be.
                DensityPlot.write(analysis, plot)
                        .forEach(picture -> command.getErr().println("Drawn: " + picture));
                command.getErr().flush();
            }
            return CommandLine.ExitCode.OK;
        } catch (AnalysisFailed e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }
}
