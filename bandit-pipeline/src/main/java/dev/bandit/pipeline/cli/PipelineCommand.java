package dev.bandit.pipeline.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.cli.Commands;
import dev.bandit.pipeline.pipes.Pipes;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code bandit}, as far as it works on logs. */
@Command(
        name = "bandit",
        description = "Adaptive experiments: logged data in, any policy evaluated, regret and winners out.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = HelpCommand.class)
public final class PipelineCommand {

    private PipelineCommand() {}

    /**
     * Runs one command, and has Dagster told if it was Dagster that started it.
     *
     * @return the exit status: 0 done, 1 failed, 2 wrong usage, 3 the data cannot answer
     */
    public static int execute(String... args) {
        try (Pipes pipes = Pipes.open()) {
            return told(commandLine(pipes), pipes).execute(args);
        } catch (CommandFailed e) {
            System.err.println(e.getMessage());
            return e.status();
        }
    }

    static CommandLine commandLine() {
        return commandLine(Pipes.none());
    }

    static CommandLine commandLine(Pipes pipes) {
        return Commands.prepare(new CommandLine(new PipelineCommand())
                .addSubcommand(new SimulateCommand(pipes))
                .addSubcommand(new IngestCommand(pipes))
                .addSubcommand(new ReplayCommand(pipes))
                .addSubcommand(new OpeCommand(pipes))
                .addSubcommand(new WhatIfCommand(pipes))
                .addSubcommand(new ConcludeCommand(pipes))
                .addSubcommand(new ReportCommand(pipes))
                .setCaseInsensitiveEnumValuesAllowed(true));
    }

    /** The same, whose failures Dagster learns of. */
    private static CommandLine told(CommandLine commands, Pipes pipes) {
        var usage = commands.getParameterExceptionHandler();
        var failure = commands.getExecutionExceptionHandler();
        return commands.setParameterExceptionHandler((problem, args) -> {
                    // Its own message may quote a password.
                    pipes.failed(new CommandFailed("Wrong usage; standard error says what is wrong."));
                    return usage.handleParseException(problem, args);
                })
                .setExecutionExceptionHandler((problem, command, result) -> {
                    pipes.failed(problem);
                    return failure.handleExecutionException(problem, command, result);
                });
    }
}
