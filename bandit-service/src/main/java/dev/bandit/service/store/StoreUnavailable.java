package dev.bandit.service.store;

import dev.bandit.service.problem.Problem;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** 503: Redis did not answer in time, so what was asked may or may not have happened; asking again is safe. */
public final class StoreUnavailable extends Problem {

    private static final long serialVersionUID = 1L;

    /** @param detail what could not be done */
    public StoreUnavailable(String detail, @Nullable Throwable cause) {
        super(503, "Store unavailable", detail, Duration.ofSeconds(1), cause);
    }
}
