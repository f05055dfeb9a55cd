package dev.bandit.service.posterior;

/**
 * The posteriors of one experiment at one version, in the order of its definition's arms.
 *
 * @param epoch the incarnation of the state they were read from
 * @param version how many scripts had changed the state; the {@code posterior_version} of decisions made from these
 * @param definitionVersion the definition whose arms these are
 * @param alpha of each arm
 * @param beta of each arm
 */
public record Posteriors(String epoch, long version, int definitionVersion, double[] alpha, double[] beta) {}
