package dev.bandit.service.decision;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * What a decision was, complete enough that its reward needs no lookup; {@link DecisionIds} turns it into the signed
 * token that a client sees.
 *
 * <p>The constructor refuses anything else than the ranges below with {@link IllegalArgumentException}, so that every
 * decision id can be encoded, and comes back equal.
 *
 * @param stream random name of the stream that the decision was counted in, any 64 bits
 * @param counter place of the decision in its stream, from 0
 * @param experimentId 1 to 128 printable ASCII characters
 * @param armId 1 to 128 printable ASCII characters
 * @param decidedAt when; cut to whole milliseconds, from 1970 to 10889
 * @param propensity probability with which the arm was chosen, in (0, 1]
 * @param posteriorVersion version of the posteriors that the propensity was computed from, from 0
 */
public record DecisionId(
        long stream,
        long counter,
        String experimentId,
        String armId,
        Instant decidedAt,
        double propensity,
        long posteriorVersion) {

    static final int MAX_NAME_LENGTH = 128;

    private static final long MAX_MILLIS = (1L << 48) - 1;

    public DecisionId {
        if (counter < 0) {
            throw new IllegalArgumentException("counter is " + counter + ", expected 0 or more");
        }
        requireName("experimentId", experimentId);
        requireName("armId", armId);
        long millis = Objects.requireNonNull(decidedAt, "decidedAt").toEpochMilli();
        if (millis < 0 || millis > MAX_MILLIS) {
            throw new IllegalArgumentException(
                    "decidedAt is " + decidedAt + ", expected 0 to " + MAX_MILLIS + " milliseconds after 1970");
        }
        decidedAt = Instant.ofEpochMilli(millis);
        if (!(propensity > 0 && propensity <= 1)) {
            throw new IllegalArgumentException("propensity is " + propensity + ", expected a number in (0, 1]");
        }
        if (posteriorVersion < 0) {
            throw new IllegalArgumentException("posteriorVersion is " + posteriorVersion + ", expected 0 or more");
        }
    }

    /** Name of the decision in the ledger: the UUID of the pair (stream, counter). */
    public UUID eventId() {
        return new UUID(stream, counter);
    }

    private static void requireName(String field, String name) {
        int length = name.length();
        if (length < 1 || length > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    field + " has " + length + " characters, expected 1 to " + MAX_NAME_LENGTH);
        }
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            if (c < ' ' || c > '~') {
                throw new IllegalArgumentException(
                        field + " has the character U+%04X at %d, expected printable ASCII".formatted((int) c, i));
            }
        }
    }
}
