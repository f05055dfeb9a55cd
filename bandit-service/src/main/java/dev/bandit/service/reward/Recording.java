package dev.bandit.service.reward;

import dev.bandit.service.problem.Problem;

/** What became of one item of a batch. */
public sealed interface Recording {

    /** It counts, now or since before. */
    record Done(Recorded recorded) implements Recording {}

    /**
     * It does not count: 400, 404, 409 or 410 for good; 500 and more because Redis, or Postgres where it is to be waited for, did not take it,
     * and sending it again is safe.
     */
    record Refused(Problem problem) implements Recording {

        /** Whether another attempt may do better. */
        public boolean again() {
            return problem.status() >= 500;
        }
    }
}
