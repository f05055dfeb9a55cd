package dev.bandit.service.startup;

import org.jspecify.annotations.Nullable;

/**
 * Something the operator has to put right before the service can start. The message is one or two plain sentences that say
 * what is wrong and what to do; it is all that the console shows, without a stack trace, and the process exits with 1.
 */
public final class StartupProblem extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StartupProblem(String message) {
        super(message);
    }

    public StartupProblem(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
