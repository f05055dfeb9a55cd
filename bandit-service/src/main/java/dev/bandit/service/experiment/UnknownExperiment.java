package dev.bandit.service.experiment;

import dev.bandit.service.problem.Problem;

/** 404: there is no experiment of that id. */
public final class UnknownExperiment extends Problem {

    private static final long serialVersionUID = 1L;

    public UnknownExperiment(String id) {
        super(
                404,
                "Unknown experiment",
                "experiment_id is " + Check.shown(id)
                        + ", expected an existing experiment; PUT /experiments/{id} creates one",
                "experiment_id");
    }
}
