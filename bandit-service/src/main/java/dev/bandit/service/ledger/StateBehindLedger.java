package dev.bandit.service.ledger;

/**
 * The relay found that an experiment's state in Redis lacks something that Postgres has: it came back with less and went on from there.
 *
 * @param experimentId the experiment
 */
public record StateBehindLedger(String experimentId) {}
