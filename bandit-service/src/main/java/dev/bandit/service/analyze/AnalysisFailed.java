package dev.bandit.service.analyze;

import java.nio.file.Path;

/** Snapshots that cannot be read or drawn; the message says where, what, and what was expected. */
public final class AnalysisFailed extends RuntimeException {

    private static final long serialVersionUID = 1L;

    AnalysisFailed(String message) {
        super(message);
    }

    AnalysisFailed(String message, Throwable cause) {
        super(message, cause);
    }

    static AnalysisFailed at(Path file, long line, String problem) {
        return new AnalysisFailed("%s:%d: %s".formatted(file, line, problem));
    }
}
