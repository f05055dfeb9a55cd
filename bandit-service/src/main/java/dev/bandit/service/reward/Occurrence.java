package dev.bandit.service.reward;

import org.jspecify.annotations.Nullable;

/** Something that happened outside and counts once: a reward, or an exposure. */
public sealed interface Occurrence permits Reward, Occurrence.Exposure {

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
}
