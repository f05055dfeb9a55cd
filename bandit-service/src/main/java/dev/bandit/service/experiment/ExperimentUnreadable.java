package dev.bandit.service.experiment;

import dev.bandit.service.problem.Problem;
import java.time.Duration;

/** 503: no such experiment is known here, but another replica may have made it, and Postgres cannot be asked. */
public final class ExperimentUnreadable extends Problem {

    private static final long serialVersionUID = 1L;

    public ExperimentUnreadable(String id) {
        super(
                503,
                "Store unavailable",
                "Experiment '" + id + "' is not known here and Postgres does not answer; asking again is safe.",
                Duration.ofSeconds(1),
                null);
    }
}
