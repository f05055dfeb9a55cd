package dev.bandit.service.reward;

/**
 * What became of a reward.
 *
 * @param duplicate whether it had been counted before
 * @param late whether it came after its decision's window: it is on record, but nothing was learned from it
 */
public record Recorded(String experimentId, String armId, boolean duplicate, boolean late) {}
