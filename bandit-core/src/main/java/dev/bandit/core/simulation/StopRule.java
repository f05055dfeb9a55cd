package dev.bandit.core.simulation;

import java.util.OptionalInt;

/** When an experiment is over, and which arm it names then. */
public interface StopRule {
    /** The arm, if the experiment is over. Asked at every look, in order, until it names one. */
    OptionalInt verdict(Look look);

    /** The experiment runs to its horizon. */
    static StopRule never() {
        return look -> OptionalInt.empty();
    }

    /**
     * This rule, but not asked before so many decisions have been made.
     *
     * @param decisions in all
     * @param decisionsPerArm by the arm that has the fewest
     */
    default StopRule notBefore(long decisions, long decisionsPerArm) {
        return look -> {
            boolean early = look.decisions() < decisions;
            for (int k = 0; k < look.arms() && !early; k++) {
                early = look.decisions(k) < decisionsPerArm;
            }
            return early ? OptionalInt.empty() : verdict(look);
        };
    }
}
