package dev.bandit.service.reward;

import dev.bandit.service.decision.DecisionId;
import dev.bandit.service.ledger.Observation;
import org.jspecify.annotations.Nullable;

/** Something that happened outside and counts once: a reward, an exposure, or an observation. */
public sealed interface Occurrence permits Reward, Occurrence.Exposure, Occurrence.Observed {

    /**
     * An arm was shown to a unit, by a decision that was made elsewhere; its own name is what makes it count once.
     *
     * <p>It is a decision of the arm on record, whatever the experiment's feedback. It is a trial, a failure until its success arrives, where
     * feedback is {@code exposure}. Under {@code explicit} and {@code window} feedback it moves no posterior (nor does a window open for it):
     * there only what is told counts, a failure by a reward of 0.
     *
     * @param unitId whom it was shown to, if told
     * @param name in the same space of names as those of rewards
     */
    record Exposure(
            String experimentId, String armId, @Nullable String unitId, String name) implements Occurrence {}

    /** How a decision's arm did its work. Of one decision the first stands in the ledger; nobody is told which came first. */
    record Observed(DecisionId decision, Observation observation) implements Occurrence {}
}
