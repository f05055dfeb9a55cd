package dev.bandit.pipeline.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.cli.ServiceCall;
import dev.bandit.pipeline.conclude.Conclusion;
import dev.bandit.pipeline.conclude.ConclusionText;
import dev.bandit.pipeline.conclude.RunningExperiment;
import java.util.Objects;
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

    enum Format {
        text,
        json
    }

    @Parameters(
            paramLabel = "EXPERIMENT",
            arity = "0..1",
            description = "One of the running service, judged by the rule in its definition.")
    private @Nullable String experiment;

    @ArgGroup(exclusive = false, heading = "A log instead of an experiment:%n")
    private @Nullable LoggedExperimentOptions log;

    @Mixin
    private final ServiceCall service = new ServiceCall();

    @Option(names = "--apply", description = "Conclude it in the service too, if there is a winner.")
    private boolean apply;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        if ((experiment == null) == (log == null)) {
            throw new ParameterException(command, "Expected an EXPERIMENT or a log by --store, and not both");
        }
        if (log != null && apply) {
            throw new ParameterException(command, "--apply is for an EXPERIMENT; a log has nothing to conclude");
        }
        var conclusion = log != null ? log.conclusion(command) : running(Objects.requireNonNull(experiment));
        print(conclusion);
        return conclusion.decided() ? CommandLine.ExitCode.OK : CommandFailed.CANNOT_ANSWER;
    }

    private Conclusion running(String id) {
        var running = new RunningExperiment(service, id);
        var conclusion = running.conclusion();
        if (conclusion.decided() && apply) {
            running.conclude();
        }
        return conclusion;
    }

    private void print(Conclusion conclusion) {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        out.println(
                switch (format) {
                    case text -> ConclusionText.of(conclusion);
                    case json ->
                        JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(conclusion);
                });
        out.flush();
    }
}
