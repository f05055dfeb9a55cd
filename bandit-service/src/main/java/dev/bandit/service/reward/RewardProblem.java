package dev.bandit.service.reward;

import dev.bandit.service.problem.Problem;

/** Why a reward was not counted although the request was well formed. */
final class RewardProblem extends Problem {

    private static final long serialVersionUID = 1L;

    private RewardProblem(int status, String title, String detail, String field) {
        super(status, title, detail, field);
    }

    static RewardProblem invalidDecisionId(String reason) {
        return new RewardProblem(400, "Invalid decision id", reason, "decision_id");
    }

    static RewardProblem tooOld(String decidedAt, String remember) {
        return new RewardProblem(
                410,
                "Decision too old",
                "The decision was made at " + decidedAt + ", and rewards are taken for " + remember + ".",
                "decision_id");
    }

    static RewardProblem archived(String experimentId) {
        return new RewardProblem(
                410,
                "Experiment archived",
                "Experiment '" + experimentId + "' is archived and takes no rewards.",
                "experiment_id");
    }

    static RewardProblem conflict(String what) {
        return new RewardProblem(
                409,
                "Reward conflict",
                what + " was rewarded before with another value; the first one counts.",
                "reward");
    }
}
