package dev.bandit.service.ledger;

import dev.bandit.service.problem.Problem;
import java.time.Duration;

/** 503: Postgres did not answer. */
public final class LedgerUnavailable extends Problem {

    private static final long serialVersionUID = 1L;

    /** @param detail what could not be done */
    public LedgerUnavailable(String detail, Throwable cause) {
        super(503, "Ledger unavailable", detail, Duration.ofSeconds(2), cause);
    }
}
