package dev.bandit.service.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Items that wait together go together: one batch is on its way at a time, and what arrives meanwhile makes the next one.
 *
 * @param <T> an item; it knows how to tell its owner what became of it
 */
public final class GroupCommit<T extends Object> {

    private final int maxBatch;
    private final int maxWaiting;
    private final Function<List<T>, CompletableFuture<?>> send;
    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private long taken;
    private boolean onItsWay;

    /**
     * @param maxBatch items in one batch, at most
     * @param maxWaiting items that may wait, at most
     * @param send takes a batch, tells each item's owner, and completes when the next batch may go, normally or not
     */
    public GroupCommit(int maxBatch, int maxWaiting, Function<List<T>, CompletableFuture<?>> send) {
        this.maxBatch = maxBatch;
        this.maxWaiting = maxWaiting;
        this.send = send;
    }

    /**
     * Takes an item.
     *
     * @param item makes it from its number: how many were taken before it. Items go in the order of their numbers.
     * @return the item, or null when too many wait already
     */
    public @Nullable T add(LongFunction<T> item) {
        T made;
        List<T> batch;
        synchronized (waiting) {
            if (waiting.size() >= maxWaiting) {
                return null;
            }
            made = item.apply(taken++);
            waiting.add(made);
            batch = next();
        }
        run(batch);
        return made;
    }

    /** How many wait. */
    public int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    private List<T> next() {
        if (onItsWay || waiting.isEmpty()) {
            return List.of();
        }
        onItsWay = true;
        List<T> batch = new ArrayList<>(Math.min(maxBatch, waiting.size()));
        while (batch.size() < maxBatch && !waiting.isEmpty()) {
            batch.add(waiting.remove());
        }
        return batch;
    }

    /** A loop, not a recursion: a send that completes at once would otherwise nest as deep as the queue is long. */
    private void run(List<T> first) {
        List<T> batch = first;
        while (!batch.isEmpty()) {
            CompletableFuture<?> sent = send.apply(batch);
            if (!sent.isDone()) {
                sent.whenComplete((result, failure) -> run(landed()));
                return;
            }
            batch = landed();
        }
    }

    private List<T> landed() {
        synchronized (waiting) {
            onItsWay = false;
            return next();
        }
    }
}
