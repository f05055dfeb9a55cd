package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.output.OutputFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where results go: to standard output as text or JSON, and into a folder if one is named. */
final class OutputOptions {

    enum Format {
        text,
        json
    }

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Also write the figures as CSV and pictures into this folder, made if it is not there.")
    private @Nullable Path out;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /**
     * The folder, if one was named; asked for before any work, so that none is lost.
     *
     * @throws ParameterException if it is a file
     * @throws dev.bandit.cli.CommandFailed if it cannot be written to
     */
    Optional<OutputFolder> folder() {
        if (out != null && Files.exists(out) && !Files.isDirectory(out)) {
            throw new ParameterException(
                    Objects.requireNonNull(command).commandLine(),
                    "Invalid value for option '--out': '" + out + "' is a file, expected a folder");
        }
        return Optional.ofNullable(out).map(OutputFolder::at);
    }

    /** Prints the result as it was asked for. */
    void print(Supplier<String> text, Supplier<String> json) {
        var stream = Objects.requireNonNull(command).commandLine().getOut();
        stream.println(
                switch (format) {
                    case text -> text.get();
                    case json -> json.get();
                });
        stream.flush();
    }

    /** Names a file that was written; on the side, so that the output stays the JSON it was asked to be. */
    void written(Path file) {
        var stream = Objects.requireNonNull(command).commandLine().getErr();
        stream.println("Written: " + file);
        stream.flush();
    }
}
