package dev.bandit.service.experiment;

/** Names the arm to pin when an experiment is concluded without one. */
@FunctionalInterface
public interface WinnerChooser {

    /** The name of the best arm of the experiment as its posteriors stand. */
    String winner(Experiment experiment);
}
