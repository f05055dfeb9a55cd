package dev.bandit.pipeline.policy;

/**
 * Beta posteriors.
 *
 * @param alpha one per arm, above 0
 * @param beta one per arm, above 0
 */
record Posteriors(double[] alpha, double[] beta) {}
