package dev.bandit.service.decision;

/**
 * An arm chosen for somebody, on record.
 *
 * @param decisionId the signed token that a reward names
 * @param experimentId the experiment
 * @param armId the arm
 * @param propensity the exact probability with which it was chosen
 * @param policy the policy that chose it, or {@code concluded}
 * @param posteriorVersion the version of the posteriors it was chosen from
 * @param degraded whether Redis was away: the choice is from the last copy known, or the record in the local journal
 */
public record Decision(
        String decisionId,
        String experimentId,
        String armId,
        double propensity,
        String policy,
        long posteriorVersion,
        boolean degraded) {}
