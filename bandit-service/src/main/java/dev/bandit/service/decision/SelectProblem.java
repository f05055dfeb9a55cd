package dev.bandit.service.decision;

import dev.bandit.service.problem.Problem;

/** Why no arm was chosen although the request was well formed. */
final class SelectProblem extends Problem {

    private static final long serialVersionUID = 1L;

    private SelectProblem(int status, String title, String detail) {
        super(status, title, detail);
    }

    static SelectProblem paused(String experimentId) {
        return new SelectProblem(
                409, "Experiment paused", "Experiment '" + experimentId + "' is paused; resume it to select again.");
    }

    static SelectProblem armsPaused(String experimentId) {
        return new SelectProblem(
                409,
                "Arms paused",
                "Every eligible arm of experiment '" + experimentId + "' is paused; resume one to select it.");
    }

    static SelectProblem archived(String experimentId) {
        return new SelectProblem(410, "Experiment archived", "Experiment '" + experimentId + "' is archived.");
    }
}
