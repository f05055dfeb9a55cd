package dev.bandit.core.inference;

/** What an experiment's report says is to be done. {@link #of} holds the order in which that is decided. */
public enum Verdict {
    /** The treatment is better by as much as it has to be, and nothing speaks against it. */
    SHIP("SHIP"),
    /** There is an answer, and it is no. */
    DO_NOT_SHIP("DO NOT SHIP (CHECK GUARDRAILS)"),
    /** There is no answer yet. */
    UNDERPOWERED("PENDING (UNDERPOWERED)"),
    /** The treatment is slower than is tolerated. */
    LATENCY_REGRESSION("PENDING (LATENCY REGRESSION)"),
    /** Too much is missing to say anything. */
    INCOMPLETE("INCOMPLETE"),
    /** The arms were not chosen with the probabilities that are on record: nothing here can be trusted. */
    UNHEALTHY("UNHEALTHY");

    private final String label;

    Verdict(String label) {
        this.label = label;
    }

    /** As reports print it. */
    public String label() {
        return label;
    }

    /**
     * What is known of the treatment that does best, beside the control.
     *
     * @param complete every arm has outcomes, and enough decisions have what else is measured
     * @param mismatch arms were chosen more or less often than their propensities say
     * @param slower the latency guardrail is broken
     * @param decided there is enough to tell better from not better
     * @param better the treatment is shown to be better than the control
     * @param enough its lift is at least the least that is worth shipping
     */
    public record Facts(
            boolean complete, boolean mismatch, boolean slower, boolean decided, boolean better, boolean enough) {}

    /** The first that applies: INCOMPLETE, UNHEALTHY, LATENCY_REGRESSION, UNDERPOWERED; then SHIP if better by enough; else DO_NOT_SHIP. */
    public static Verdict of(Facts facts) {
        if (!facts.complete) {
            return INCOMPLETE;
        }
        if (facts.mismatch) {
            return UNHEALTHY;
        }
        if (facts.slower) {
            return LATENCY_REGRESSION;
        }
        if (!facts.decided) {
            return UNDERPOWERED;
        }
        return facts.better && facts.enough ? SHIP : DO_NOT_SHIP;
    }
}
