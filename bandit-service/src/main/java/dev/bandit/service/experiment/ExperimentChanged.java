package dev.bandit.service.experiment;

/**
 * An experiment was created or changed, by this replica (published after the commit) or by another one (published when the refresh finds it).
 * The experiments found at start are not announced: read {@link ExperimentRegistry#all()} first.
 *
 * @param now the experiment after the change
 */
public record ExperimentChanged(Experiment now) {}
