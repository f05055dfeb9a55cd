package dev.bandit.service.totals;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A row of the ledger, and what was found out about it. */
final class Event {

    /** A decision and all that came of it have the same. */
    record Identity(UUID id, long time) {}

    /**
     * With which probability each arm could have been chosen.
     *
     * @param propensities of all arms, in that order
     */
    record Odds(double[] propensities, List<String> arms) {}

    final Identity key;
    final long batch;
    final String kind;
    final String armId;
    final @Nullable String unitId;
    /** Of a reward, in [0, 1]; 0 otherwise. */
    final double reward;

    final @Nullable Double latencyMs;
    final @Nullable Double score;
    final @Nullable String policy;
    /** At the decision; of an outcome: at its decision, if that came before. Null where they are not known. */
    @Nullable
    Odds odds;

    /** Of a decision: its first outcome, if that came before it. */
    @Nullable
    Event earlier;

    /** Of a decision: whether its unit is new to the arm. */
    boolean newUnit;

    Event(
            Identity key,
            long batch,
            String kind,
            String armId,
            @Nullable String unitId,
            double reward,
            @Nullable Double latencyMs,
            @Nullable Double score,
            @Nullable String policy,
            @Nullable Odds odds) {
        this.key = key;
        this.batch = batch;
        this.kind = kind;
        this.armId = armId;
        this.unitId = unitId;
        this.reward = reward;
        this.latencyMs = latencyMs;
        this.score = score;
        this.policy = policy;
        this.odds = odds;
    }

    boolean isDecision() {
        return kind.equals("decision");
    }

    boolean isOutcome() {
        return kind.equals("reward") || kind.equals("matured");
    }

    /** Takes note of its decision or its outcome, whichever this is not; the one that came later learns from the other. */
    static void match(Event decision, Event outcome) {
        if (decision.batch <= outcome.batch) {
            outcome.odds = decision.odds;
        } else if (decision.earlier == null || outcome.batch < decision.earlier.batch) {
            decision.earlier = outcome;
        }
    }
}
