package dev.bandit.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Wrong usage, told without what an unknown option was given: that may be a password. */
public final class UsageErrors implements IParameterExceptionHandler {

    @Override
    public int handleParseException(ParameterException problem, String[] args) {
        var command = problem.getCommandLine();
        var err = command.getErr();
        var message = problem instanceof UnmatchedArgumentException unmatched
                ? message(unmatched.getUnmatched())
                : problem.getMessage();
        err.println(command.getColorScheme().errorText(String.valueOf(message)));
        if (!UnmatchedArgumentException.printSuggestions(problem, err)) {
            command.usage(err, command.getColorScheme());
        }
        err.flush();
        return CommandLine.ExitCode.USAGE;
    }

    /** An option without its value. */
    public static String name(String argument) {
        return argument.split("=", 2)[0];
    }

    public static boolean isOption(String argument) {
        return argument.startsWith("-");
    }

    private static String message(List<String> unmatched) {
        var names = new ArrayList<String>();
        for (var argument : unmatched) {
            // What follows an option may be its value.
            if (isOption(argument) || names.isEmpty()) {
                names.add("'" + name(argument) + "'");
            }
        }
        var what = isOption(unmatched.getFirst()) ? "Unknown option" : "Unknown argument";
        return what + (names.size() == 1 ? "" : "s") + ": " + String.join(", ", names);
    }
}
