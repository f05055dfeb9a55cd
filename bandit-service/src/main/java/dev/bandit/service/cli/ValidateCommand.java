package dev.bandit.service.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Definition.Variant;
import dev.bandit.service.file.ExperimentsFile;
import dev.bandit.service.file.ExperimentsFileReader;
import dev.bandit.service.file.InvalidFile;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads {@code experiments.yaml} as the service would, and tells every mistake in it. */
@Command(
        name = "validate",
        description = "Check an experiments.yaml; tells every mistake, and exits with 1 if there is one.",
        mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {

    private static final int SHOWN_ARMS = 10;

    @Parameters(paramLabel = "FILE", description = "The file.")
    private @Nullable Path file;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        try {
            ExperimentsFile read = ExperimentsFileReader.read(Objects.requireNonNull(file));
            read.tests().forEach((id, test) -> out.println(summary(id, test)));
            out.println(file + ": " + read.tests().size() + " tests, no mistakes");
            out.flush();
            return CommandLine.ExitCode.OK;
        } catch (InvalidFile e) {
            throw new CommandFailed(e.getMessage(), e);
        }
    }

    /** {@code button-color: thompson, exposure (Shown -> Clicked), 2 arms: blue (control), green}. */
    private static String summary(String id, Definition test) {
        var events = test.exposureEvent() == null && test.successEvent() == null
                ? ""
                : " (%s -> %s)"
                        .formatted(
                                Objects.requireNonNullElse(test.exposureEvent(), "?"),
                                Objects.requireNonNullElse(test.successEvent(), "?"));
        var arms = test.variants().stream()
                .limit(SHOWN_ARMS)
                .map(ValidateCommand::arm)
                .collect(Collectors.joining(", "));
        return "%s: %s, %s%s, %d arms: %s%s"
                .formatted(
                        id,
                        test.policy().label(),
                        test.feedback().label(),
                        events,
                        test.variants().size(),
                        arms,
                        test.variants().size() > SHOWN_ARMS ? ", …" : "");
    }

    private static String arm(Variant arm) {
        return arm.name() + (arm.control() ? " (control)" : "");
    }
}
