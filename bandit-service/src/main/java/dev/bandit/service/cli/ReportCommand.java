package dev.bandit.service.cli;

import dev.bandit.cli.ServiceCall;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        description = "Say where an experiment stands: the verdict, the reasons, and every number behind them.",
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

    enum Format {
        text,
        json,
        markdown
    }

    @Parameters(paramLabel = "EXPERIMENT", description = "Which one.")
    private @Nullable String experiment;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    @Mixin
    private final ServiceCall service = new ServiceCall();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var id = URLEncoder.encode(Objects.requireNonNull(experiment), StandardCharsets.UTF_8);
        var report = service.send("GET", "/experiments/" + id + "/report?format=" + format);
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(report.stripTrailing());
        out.flush();
        return CommandLine.ExitCode.OK;
    }
}
