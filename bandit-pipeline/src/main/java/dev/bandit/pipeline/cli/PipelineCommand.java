package dev.bandit.pipeline.cli;

import dev.bandit.cli.Commands;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code bandit}, as far as it works on logs. */
@Command(
        name = "bandit",
        description = "Adaptive experiments: logged data in, any policy evaluated, regret and winners out.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {
            HelpCommand.class,
            SimulateCommand.class,
            IngestCommand.class,
            ReplayCommand.class,
            OpeCommand.class,
            ConcludeCommand.class
        })
public final class PipelineCommand {

    private PipelineCommand() {}

    /**
     * Runs one command.
     *
     * @return the exit status: 0 done, 1 failed, 2 wrong usage, 3 the data cannot answer
     */
    public static int execute(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return Commands.prepare(new CommandLine(new PipelineCommand()).setCaseInsensitiveEnumValuesAllowed(true));
    }
}
