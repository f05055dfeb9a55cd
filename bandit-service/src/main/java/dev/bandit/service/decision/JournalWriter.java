package dev.bandit.service.decision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes a journal: records that wait together are written together and share one force.
 *
 * <p>A thread of its own, because an interrupt closes a file channel under the thread that is using it, and because
 * callers on virtual threads would hold their carriers for the length of a force.
 */
final class JournalWriter {

    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    private static final int BUFFER_BYTES = 256 * 1024;

    private final JournalSlot slot;
    private final long segmentBytes;
    private final Target target;
    private final Thread thread;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** The writing thread's. */
    private @Nullable JournalSegment active;

    /** Guarded by this. */
    private Group next = new Group();

    /** Guarded by this. */
    private boolean closing;

    /** The journal, as the writing thread sees it. */
    interface Target {

        /** A segment was begun; it is the newest. */
        void began(JournalSegment segment);

        /** So many records are durable, and the segment ends there. */
        void wrote(JournalSegment segment, long end, Group group);

        /** A group was not written. */
        void failed(Group group);

        /** Nothing will be written to the segment any more. */
        void sealed(JournalSegment segment);
    }

    /** Records that are written together. */
    static final class Group {
        final List<byte[]> records = new ArrayList<>();
        final CompletableFuture<@Nullable Void> durable = new CompletableFuture<>();
        long bytes;
    }

    JournalWriter(JournalSlot slot, long segmentBytes, Target target) {
        this.slot = slot;
        this.segmentBytes = segmentBytes;
        this.target = target;
        this.thread = Thread.ofPlatform().daemon().name("bandit-journal").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /**
     * Completes when the record is durable, or with {@link UncheckedIOException}.
     *
     * @throws IllegalStateException after {@link #close}
     */
    synchronized CompletableFuture<@Nullable Void> add(byte[] record) {
        if (closing) {
            throw new IllegalStateException("the journal " + slot + " is closed");
        }
        next.records.add(record);
        next.bytes += JournalSegment.HEADER_BYTES + record.length;
        notifyAll();
        // A copy, so that what one caller does to it (a timeout, say) is no matter of the others.
        return next.durable.copy();
    }

    /** Writes what waits, and ends. */
    void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Group group = take();
        while (group != null) {
            Throwable failure = null;
            try {
                write(group);
            } catch (IOException e) {
                failure = new UncheckedIOException("the journal " + slot + " could not be written", e);
            } catch (Throwable e) {
                // Whatever it was, somebody waits for the group, and others will.
                failure = e;
            }
            if (failure == null) {
                group.durable.complete(null);
            } else {
                abandon(group);
                group.durable.completeExceptionally(failure);
            }
            group = take();
        }
        seal();
    }

    private synchronized @Nullable Group take() {
        while (next.records.isEmpty()) {
            if (closing) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody has a reason to interrupt this thread; it ends by close().
            }
        }
        Group group = next;
        next = new Group();
        return group;
    }

    private void write(Group group) throws IOException {
        if (active != null && active.end >= segmentBytes) {
            seal();
        }
        JournalSegment segment = active;
        if (segment == null) {
            segment = slot.create();
            active = segment;
            target.began(segment);
        }
        target.wrote(segment, segment.write(group.records, buffer), group);
    }

    /** After a failed write or force nobody knows what the file holds behind its durable end: go on in another. */
    private void abandon(Group group) {
        target.failed(group);
        if (active != null) {
            try {
                active.cut();
            } catch (IOException e) {
                log.warn("Journal {}: could not be cut back to its durable end", active, e);
            }
            seal();
        }
    }

    private void seal() {
        JournalSegment segment = active;
        if (segment != null) {
            active = null;
            try {
                segment.closeForWriting();
                if (segment.end == 0) {
                    segment.delete();
                }
            } catch (IOException e) {
                log.warn("Journal {}: could not be closed", segment, e);
            }
            target.sealed(segment);
        }
    }
}
