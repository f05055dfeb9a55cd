package dev.bandit.service.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.service.analyze.Analysis;
import dev.bandit.service.analyze.AnalysisFailed;
import dev.bandit.service.analyze.AnalysisJson;
import dev.bandit.service.analyze.AnalysisText;
import dev.bandit.service.analyze.DensityPlot;
import dev.bandit.service.sink.DynamoDbClients;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "analyze",
        description = "Say what posterior snapshots mean: intervals, every pair's superiority, the likely winner.",
        mixinStandardHelpOptions = true)
final class AnalyzeCommand implements Callable<Integer> {

    private static final String TABLE = "dynamodb:";
    private static final Pattern TABLE_NAME = Pattern.compile("[\\w.-]{3,255}");

    enum Format {
        text,
        json
    }

    @Parameters(
            paramLabel = "FILE",
            description =
                    "Snapshots as CSV with a header, or a DynamoDB export (JSON lines), plain or .gz; or a folder of them;"
                            + " or dynamodb:TABLE for a table as it stands.")
    private String source = "";

    @Option(
            names = "--region",
            paramLabel = "REGION",
            description = "Where the table is (default: " + DynamoDbClients.REGION + ").")
    private @Nullable String region;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "Of a DynamoDB that is not Amazon's, such as http://localhost:8000.")
    private @Nullable URI endpoint;

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
            var analysis = analysis();
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

    private Analysis analysis() {
        if (!source.startsWith(TABLE)) {
            if (region != null || endpoint != null) {
                throw wrong("--region and --endpoint are for " + TABLE + "TABLE, not for '" + source + "'");
            }
            return Analysis.of(Path.of(source), test);
        }
        var table = source.substring(TABLE.length());
        if (!TABLE_NAME.matcher(table).matches()) {
            throw wrong("Invalid value for FILE: '" + source
                    + "' names no table, expected 3 to 255 of a-z, A-Z, 0-9, '_', '-' and '.' after " + TABLE);
        }
        if (endpoint != null && (endpoint.getHost() == null || !isHttp(endpoint))) {
            throw wrong("Invalid value for option '--endpoint': '" + endpoint
                    + "' is no http address, expected one such as http://localhost:8000");
        }
        return Analysis.ofTable(table, region == null ? DynamoDbClients.REGION : region, endpoint, test);
    }

    private static boolean isHttp(URI address) {
        return List.of("http", "https").contains(String.valueOf(address.getScheme()));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
