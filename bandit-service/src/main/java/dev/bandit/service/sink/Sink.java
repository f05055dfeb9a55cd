package dev.bandit.service.sink;

import java.io.IOException;
import java.util.List;

/** Somewhere that snapshots are copied to. Used by one thread at a time. */
interface Sink extends AutoCloseable {

    /**
     * Writes these ticks, or fails. What is written again, after a failure or by another replica, changes nothing.
     *
     * @param ticks in their order, later than any that was written before unless they are the same; none is empty
     * @throws IOException when not all of them could be written
     */
    void write(List<Tick> ticks) throws IOException;

    @Override
    default void close() {}
}
