package dev.bandit.cli;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A command that could not do its work; the message is all that is shown. */
public class CommandFailed extends RuntimeException {

    /** Exit status of a command whose data cannot answer what was asked. */
    public static final int CANNOT_ANSWER = 3;

    private static final int FAILED = 1;

    @Serial
    private static final long serialVersionUID = 1L;

    private final int status;

    public CommandFailed(String message) {
        this(message, null);
    }

    public CommandFailed(String message, @Nullable Throwable cause) {
        this(FAILED, message, cause);
    }

    private CommandFailed(int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** Everything went well, but the data cannot answer what was asked. */
    public static CommandFailed cannotAnswer(String message) {
        return new CommandFailed(CANNOT_ANSWER, message, null);
    }

    /** What the process ends with: 1, or {@link #CANNOT_ANSWER}. */
    public int status() {
        return status;
    }
}
