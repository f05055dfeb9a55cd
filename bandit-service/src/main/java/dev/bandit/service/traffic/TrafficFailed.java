package dev.bandit.service.traffic;

/** Traffic that could not be made; the message says what to do. */
public final class TrafficFailed extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TrafficFailed(String message) {
        super(message);
    }

    TrafficFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
