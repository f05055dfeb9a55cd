package dev.bandit.service.stream;

import dev.bandit.service.problem.Problem;
import dev.bandit.service.problem.ProblemJson;

/** 400: a record is not the JSON that it should be, told as HTTP tells it. */
final class UnreadableRecord extends Problem {

    private static final long serialVersionUID = 1L;

    UnreadableRecord(ProblemJson problem) {
        super(400, problem.title(), problem.detail(), problem.field());
    }
}
