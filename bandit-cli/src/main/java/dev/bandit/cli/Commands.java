package dev.bandit.cli;

import picocli.CommandLine;

/** How every command behaves when something is wrong. */
public final class Commands {

    private Commands() {}

    /**
     * Has wrong usage and failures told in a sentence.
     *
     * @return the same, whose exit status is 0 done, 1 failed, 2 wrong usage or 3 the data cannot answer
     */
    public static CommandLine prepare(CommandLine commands) {
        return commands.setParameterExceptionHandler(new UsageErrors())
                .setExecutionExceptionHandler((failure, command, result) -> {
                    if (failure instanceof CommandFailed told) {
                        command.getErr().println(told.getMessage());
                        command.getErr().flush();
                        return told.status();
                    }
                    throw failure;
                });
    }
}
