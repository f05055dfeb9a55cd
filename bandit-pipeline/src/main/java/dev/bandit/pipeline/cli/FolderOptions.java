package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.output.OutputFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The folder that results go into, if one is named. */
class FolderOptions {

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Also write the figures as CSV and pictures into this folder, made if it is not there.")
    private @Nullable Path out;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    boolean wanted() {
        return out != null;
    }

    /**
     * The folder, if one was named; asked for before any work, so that none is lost.
     *
     * @throws ParameterException if it is a file
     * @throws dev.bandit.cli.CommandFailed if it cannot be written to
     */
    final Optional<OutputFolder> folder() {
        if (out != null && Files.exists(out) && !Files.isDirectory(out)) {
            throw new ParameterException(
                    commandLine(), "Invalid value for option '--out': '" + out + "' is a file, expected a folder");
        }
        return Optional.ofNullable(out).map(OutputFolder::at);
    }

    /** Names a file that was written; on the side, so that the output stays the JSON it was asked to be. */
    final void written(Path file) {
        var stream = commandLine().getErr();
        stream.println("Written: " + file);
        stream.flush();
    }

    /** The command that has these options. */
    final CommandLine commandLine() {
        return Objects.requireNonNull(command).commandLine();
    }
}
