package dev.bandit.service.experiment;

import dev.bandit.service.problem.Problem;
import org.jspecify.annotations.Nullable;

/** 409: the experiment is in a state that does not allow what was asked. */
public final class ExperimentConflict extends Problem {

    private static final long serialVersionUID = 1L;

    ExperimentConflict(String detail, @Nullable String field) {
        super(409, "Conflict", detail, field);
    }
}
