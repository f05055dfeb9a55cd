package dev.bandit.service.decision;

/** A token that is no decision id of this service; the message is one sentence for the caller and holds no secret. */
public class InvalidDecisionId extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidDecisionId(String reason) {
        super(reason, null, false, false);
    }
}
