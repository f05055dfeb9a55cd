package dev.bandit.service.traffic;

/**
 * A record to send.
 *
 * @param key the user, so that what a user does stays in order
 * @param variant what it is counted under; empty for poison
 */
record Generated(Kind kind, String key, byte[] value, String variant) {

    enum Kind {
        EXPOSURE,
        SUCCESS,
        /** The same bytes as an event before. */
        DUPLICATE,
        /** What is no event. */
        POISON
    }
}
