package dev.bandit.service.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Items that wait together go together: one batch is on its way at a time, and what arrives meanwhile makes the next one.
 *
 * <p>Batches start at least {@code pace} apart. The first item after a quiet moment goes at once; under load the pace makes batches large
 * enough that a call to the server, which costs the same for one item as for hundreds, is shared.
 *
 * @param <T> an item; it knows how to tell its owner what became of it
 */
public final class GroupCommit<T> {

    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("group-commit").daemon().factory());

    private final int maxBatch;
    private final int maxWaiting;
    private final Supplier<Duration> pace;
    private final Function<List<T>, CompletableFuture<?>> send;
    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private long taken;
    private volatile long startedNanos = System.nanoTime() - TimeUnit.DAYS.toNanos(1);
    /** A batch is on its way, or about to start. */
    private volatile boolean busy;

    /**
     * @param maxBatch items in one batch, at most
     * @param maxWaiting items that may wait, at most
     * @param pace shortest time from the start of one batch to that of the next, as long as it is not full
     * @param send takes a batch, tells each item's owner, and completes when the next batch may go, normally or not; never throws
     */
    public GroupCommit(
            int maxBatch, int maxWaiting, Supplier<Duration> pace, Function<List<T>, CompletableFuture<?>> send) {
        this.maxBatch = maxBatch;
        this.maxWaiting = maxWaiting;
        this.pace = pace;
        this.send = send;
    }

    /**
     * Takes an item.
     *
     * @param item makes it from its number: how many were taken before it. Items go in the order of their numbers. Null refuses it.
     * @return the item, or null when it is refused or too many wait already
     */
    public @Nullable T add(LongFunction<@Nullable T> item) {
        T made;
        synchronized (waiting) {
            if (waiting.size() >= maxWaiting) {
                return null;
            }
            made = item.apply(taken);
            if (made == null) {
                return null;
            }
            taken++;
            waiting.add(made);
            if (busy) {
                return made;
            }
            busy = true;
        }
        begin();
        return made;
    }

    /** A number that no item will have. */
    public long skip() {
        synchronized (waiting) {
            return taken++;
        }
    }

    /** The items that wait for their batch to start. */
    public List<T> waiting() {
        synchronized (waiting) {
            return List.copyOf(waiting);
        }
    }

    /** How many items wait for their batch to start. */
    public int size() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    /** Whether nothing waits and nothing is on its way. */
    public boolean idle() {
        synchronized (waiting) {
            return !busy;
        }
    }

    /** Whether a batch has been on its way for longer than that: the server does not answer. */
    public boolean stuck(Duration longest) {
        return busy && System.nanoTime() - startedNanos > longest.toNanos();
    }

    /** Starts the next batch now, or when the pace allows. */
    private void begin() {
        long early = startedNanos + pace.get().toNanos() - System.nanoTime();
        if (early > 0 && size() < maxBatch) {
            TIMER.schedule(() -> Thread.startVirtualThread(this::run), early, TimeUnit.NANOSECONDS);
        } else {
            run();
        }
    }

    /** A loop, not a recursion: a send that completes at once would otherwise nest as deep as the queue is long. */
    private void run() {
        while (true) {
            startedNanos = System.nanoTime();
            CompletableFuture<?> sent = send.apply(next());
            if (!sent.isDone()) {
                sent.whenComplete((result, failure) -> {
                    if (more()) {
                        begin();
                    }
                });
                return;
            }
            if (!more()) {
                return;
            }
        }
    }

    private List<T> next() {
        synchronized (waiting) {
            List<T> batch = new ArrayList<>(Math.min(maxBatch, waiting.size()));
            while (batch.size() < maxBatch && !waiting.isEmpty()) {
                batch.add(waiting.remove());
            }
            return batch;
        }
    }

    /** The batch has landed: is there another? */
    private boolean more() {
        synchronized (waiting) {
            busy = !waiting.isEmpty();
            return busy;
        }
    }
}
