package dev.bandit.service.experiment;

import dev.bandit.service.problem.Problem;

/** 412: the experiment is not at the version that the caller named. */
public final class StaleVersion extends Problem {

    private static final long serialVersionUID = 1L;

    StaleVersion(String header, String detail) {
        super(412, "Precondition failed", detail, header);
    }
}
