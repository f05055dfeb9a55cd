package dev.bandit.service.posterior;

import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.Recount.ArmCounts;
import java.util.List;
import java.util.Map;

/**
 * Everything an experiment has learned, at one moment, as Redis has it.
 *
 * @param version how many scripts had changed the state
 * @param counts of every arm that was ever chosen or rewarded
 * @param parameters of the arms asked for
 * @param pending what was in the outbox, if asked for
 */
public record State(
        long version, Map<String, ArmCounts> counts, Map<String, Parameters> parameters, List<LedgerEvent> pending) {

    /** An arm's alpha and beta as the decimal text they are kept as; empty where the arm is not laid out. */
    public record Parameters(String alpha, String beta) {}
}
