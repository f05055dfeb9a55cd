package dev.bandit.service.traffic;

import org.jspecify.annotations.Nullable;

/** Where records go. */
interface EventSink extends AutoCloseable {

    /** Sends, soon. */
    void send(@Nullable String key, byte[] value);

    /**
     * Waits for what was sent.
     *
     * @throws TrafficFailed if some of it did not arrive
     */
    @Override
    void close();
}
