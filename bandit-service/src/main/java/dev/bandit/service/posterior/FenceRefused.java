package dev.bandit.service.posterior;

import dev.bandit.service.problem.Problem;
import java.time.Duration;

/** 503: the state in Redis is not the one this process knows; nothing was changed, and it is being settled. See ADR 6. */
final class FenceRefused extends Problem {

    private static final long serialVersionUID = 1L;

    FenceRefused(String detail) {
        super(503, "Posteriors being rebuilt", detail, Duration.ofSeconds(1), null);
    }
}
