package dev.bandit.service.decision;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded, durable first-in-first-out queue of opaque records on the local disk, for decisions that Redis does not
 * take.
 *
 * <p>A record whose {@link #append} returned true is on disk: it comes out of {@link #peek} of this process or, after
 * a crash, of a later one, until it is removed. The read position is saved but not forced, so after a crash the records
 * removed last may come out again, in order; after the death of the process alone, fewer than {@value #SAVE_EVERY} of
 * them. A record whose append was under way when the process died, or failed with an exception, may come out too.
 *
 * <p>On disk, {@code <directory>/journal-0}, {@code journal-1} and so on are slots of one process each
 * ({@link JournalSlot}), which hold segment files ({@link JournalSegment}). {@link #open} takes the first slot that no
 * living process has; what dead processes left in it and in other slots comes out before anything that is appended,
 * slot by slot. Processes that share a directory must share its file locks too.
 *
 * <p>What cannot be read (a frame that a crash tore off, a damaged one, and whatever follows it in the same segment) is
 * dropped, with a warning in the log that says how much; the segments behind it stay.
 *
 * <p>Safe for many appenders and many readers, though {@code peek} and {@code remove} make sense in one thread only.
 */
public final class Journal implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    /** Size from which on a new segment is begun. */
    static final long SEGMENT_BYTES = 8L << 20;

    /** The read position is written down each time that so many records have been removed. */
    static final int SAVE_EVERY = 64;

    /** Longest record. */
    public static final int MAX_RECORD_BYTES = 16 << 20;

    private final JournalSlot own;
    private final JournalBacklog backlog;
    private final JournalWriter writer;

    /** Serializes readers, so that appenders need not wait for reads from disk. Guards the three below. */
    private final Object reading = new Object();

    private byte @Nullable [] peeked;
    private int unsaved;
    private boolean closed;

    private Journal(JournalSlot own, JournalBacklog backlog, long segmentBytes) {
        this.own = own;
        this.backlog = backlog;
        this.writer = new JournalWriter(own, segmentBytes, backlog);
    }

    /**
     * Opens the journal in the first free slot of that directory, which is made if there is none, and adopts what dead
     * processes left in the others.
     *
     * @param maxBytes bound of the undelivered records with 8 bytes for each; the files may take one segment (8 MiB) more
     * @throws IOException if the directory or a file in it cannot be made, locked or read
     */
    public static Journal open(Path directory, long maxBytes) throws IOException {
        return open(directory, maxBytes, SEGMENT_BYTES);
    }

    static Journal open(Path directory, long maxBytes, long segmentBytes) throws IOException {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes is " + maxBytes + ", expected 1 or more");
        }
        List<JournalSlot> taken = new ArrayList<>();
        try {
            JournalSlot own = JournalSlot.takeFirstFree(directory);
            taken.add(own);
            List<JournalSegment> left = new ArrayList<>();
            List<JournalSegment> ownLeft = own.recover();
            for (JournalSlot slot : JournalSlot.takeOthers(directory)) {
                taken.add(slot);
                List<JournalSegment> orphans = slot.recover();
                if (orphans.isEmpty()) {
                    slot.close();
                }
                left.addAll(orphans);
            }
            left.addAll(ownLeft);
            Journal journal = new Journal(own, new JournalBacklog(left, maxBytes), segmentBytes);
            journal.writer.start();
            if (!left.isEmpty()) {
                log.info("Journal {}: {} records are left from before", own, journal.pendingRecords());
            }
            return journal;
        } catch (Throwable e) {
            for (JournalSlot slot : taken) {
                try (slot) {
                    log.debug("Journal {}: given back", slot);
                } catch (IOException suppressed) {
                    e.addSuppressed(suppressed);
                }
            }
            throw e;
        }
    }

    /**
     * Adds a record behind all others and waits until it is on disk. An interrupt does not shorten the wait.
     *
     * @param record 1 to {@link #MAX_RECORD_BYTES} bytes, not to be changed before this returns
     * @return whether it was added; false, with nothing written, if the journal would then hold more than its bound
     * @throws UncheckedIOException if it could not be written; the journal goes on, and the next append may succeed
     * @throws IllegalStateException if the journal is closed
     */
    public boolean append(byte[] record) {
        CompletableFuture<@Nullable Void> durable = offer(record);
        if (durable == null) {
            return false;
        }
        try {
            durable.join();
            return true;
        } catch (CompletionException e) {
            throw e.getCause() instanceof UncheckedIOException failure ? failure : e;
        }
    }

    /**
     * Adds a record behind all others without waiting; those that are added meanwhile share one force to disk. From
     * the return on the journal is not empty, until the record is removed or has failed.
     *
     * @param record 1 to {@link #MAX_RECORD_BYTES} bytes, not to be changed before the result completes
     * @return completes when the record is on disk, or with {@link UncheckedIOException} if it could not be written, on
     *     the one thread that writes: hand longer work on; null, with nothing written, if the journal would then hold
     *     more than its bound
     * @throws IllegalStateException if the journal is closed
     */
    public @Nullable CompletableFuture<@Nullable Void> offer(byte[] record) {
        if (record.length < 1 || record.length > MAX_RECORD_BYTES) {
            throw new IllegalArgumentException(
                    "the record has " + record.length + " bytes, expected 1 to " + MAX_RECORD_BYTES);
        }
        return backlog.reserve(JournalSegment.HEADER_BYTES + record.length) ? writer.add(record) : null;
    }

    /**
     * The oldest record, which stays the oldest until it is removed; null if there is none.
     *
     * @throws UncheckedIOException if it cannot be read now
     * @throws IllegalStateException if the journal is closed
     */
    public byte @Nullable [] peek() {
        synchronized (reading) {
            JournalSegment head = head();
            while (peeked == null && head != null) {
                peeked = read(head);
                if (peeked == null) {
                    skip(head);
                    head = head();
                }
            }
            return peeked;
        }
    }

    /**
     * Drops the oldest record.
     *
     * @throws NoSuchElementException if there is none
     * @throws UncheckedIOException if it cannot be read now; it was not dropped
     * @throws IllegalStateException if the journal is closed
     */
    public void remove() {
        synchronized (reading) {
            byte[] oldest = peek();
            JournalSegment head = head();
            if (oldest == null || head == null) {
                throw new NoSuchElementException("the journal " + own + " is empty");
            }
            peeked = null;
            backlog.delivered(head, JournalSegment.HEADER_BYTES + oldest.length);
            unsaved++;
            if (unsaved >= SAVE_EVERY || head.readAt == head.end) {
                save(head);
            }
            head();
        }
    }

    private static byte @Nullable [] read(JournalSegment head) {
        try {
            return head.read();
        } catch (IOException e) {
            throw new UncheckedIOException("the journal " + head + " could not be read", e);
        }
    }

    /** The segment of the oldest record, after the drained ones before it were deleted; null if there is no record. */
    private @Nullable JournalSegment head() {
        if (closed) {
            throw new IllegalStateException("the journal " + own + " is closed");
        }
        JournalSegment head = backlog.head();
        while (head != null && head.pending == 0) {
            discard(head);
            head = backlog.head();
        }
        return head;
    }

    /** Deletes a drained segment and, with the last one of an adopted slot, gives the slot back. */
    private void discard(JournalSegment drained) {
        boolean lastOfSlot = backlog.drop(drained);
        try {
            drained.delete();
            if (lastOfSlot && drained.slot != own) {
                drained.slot.close();
            }
        } catch (IOException e) {
            log.warn("Journal {}: delivered, but could not be deleted", drained, e);
        }
    }

    /** Gives up the rest of a segment that was damaged after it had been opened. */
    private void skip(JournalSegment damaged) {
        long offset = damaged.readAt;
        long records = backlog.skip(damaged);
        log.warn(
                "Journal {}: a damaged record at offset {}; dropped the {} records from there on",
                damaged,
                offset,
                records);
    }

    private void save(JournalSegment head) {
        unsaved = 0;
        try {
            head.slot.savePosition(head.number, head.readAt);
        } catch (IOException e) {
            log.warn("Journal {}: the position could not be saved; records may come out again", head, e);
        }
    }

    /** Undelivered bytes, with 8 for each record: what the bound is about. */
    public long pendingBytes() {
        return backlog.bytes();
    }

    /** Undelivered records that are durable. */
    public long pendingRecords() {
        return backlog.records();
    }

    /** Whether there is nothing to deliver, and no append under way that will bring something. */
    public boolean isEmpty() {
        return backlog.isEmpty();
    }

    /** Finishes the appends that are under way, saves the position and gives the slots back; a second time, nothing. */
    @Override
    public void close() throws IOException {
        writer.close();
        synchronized (reading) {
            if (closed) {
                return;
            }
            closed = true;
            Set<JournalSlot> slots = new LinkedHashSet<>(List.of(own));
            List<JournalSegment> segments = backlog.segments();
            segments.forEach(segment -> slots.add(segment.slot));
            try {
                if (!segments.isEmpty()) {
                    save(segments.getFirst());
                }
                for (JournalSegment segment : segments) {
                    segment.closeForReading();
                    if (segment.pending == 0) {
                        segment.delete();
                    }
                }
            } finally {
                for (JournalSlot slot : slots) {
                    slot.close();
                }
            }
        }
    }
}
