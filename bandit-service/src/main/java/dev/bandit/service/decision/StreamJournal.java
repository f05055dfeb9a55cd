package dev.bandit.service.decision;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The records of one stream that have not been delivered, first in first out, in segment files.
 *
 * <p>Many may append; one at a time reads and delivers.
 */
final class StreamJournal {

    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** How long nothing is tried after a disk that was full. */
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Journal journal;
    private final String experimentId;
    private final long stream;
    /** Oldest first; all but the last are sealed. Guarded by this. */
    private final Deque<JournalSegment> segments = new ArrayDeque<>();
    /** The last of the segments, if it may be appended to. Guarded by this. */
    private @Nullable JournalSegment open;
    /** Guarded by this. */
    private int number;
    /** Guarded by this. */
    private int lastSize = Journal.FIRST_SEGMENT_BYTES;
    /** When the last segment was made, or could not be. Guarded by this. */
    private long madeNanos;
    /** Whether it could not be. Guarded by this. */
    private boolean failed;
    /** Bytes of records that have not been delivered, as the bound counts them. */
    private final AtomicLong pending = new AtomicLong();
    /** Whether something was appended since the last {@link #tidy}. Guarded by this. */
    private boolean used;

    /** @param left what an earlier process left of this stream, oldest first */
    StreamJournal(Journal journal, String experimentId, long stream, List<JournalSegment> left) {
        this.journal = journal;
        this.experimentId = experimentId;
        this.stream = stream;
        this.segments.addAll(left);
        left.forEach(segment -> pending.addAndGet(segment.pending()));
    }

    String experimentId() {
        return experimentId;
    }

    long stream() {
        return stream;
    }

    /**
     * Adds a record behind all others. When this returns, no end of this process loses it.
     *
     * @param record 1 byte to 64 KiB
     * @return false, with nothing changed, if the journal is full or the disk was a moment ago
     * @throws IOException if there is no room on the disk for another segment
     */
    synchronized boolean append(byte[] record) throws IOException {
        int bytes = JournalSegment.FRAME_BYTES + record.length;
        if (failed && System.nanoTime() - madeNanos < GIVE_UP_NANOS || !journal.reserve(bytes, pending.get())) {
            return false;
        }
        if (open == null || !open.append(record)) {
            try {
                open = create(bytes);
            } catch (IOException e) {
                journal.release(bytes);
                throw e;
            }
            segments.add(open);
            open.append(record);
        }
        pending.addAndGet(bytes);
        used = true;
        return true;
    }

    /** Larger than the last one if that was soon full, smaller if it lasted. */
    private JournalSegment create(int atLeast) throws IOException {
        long lasted = System.nanoTime() - madeNanos;
        madeNanos = System.nanoTime();
        int size = open == null
                ? Journal.FIRST_SEGMENT_BYTES
                : lasted < SOON_NANOS
                        ? Math.min(8 * lastSize, Journal.MAX_SEGMENT_BYTES)
                        : lasted < LONG_NANOS ? lastSize : Math.max(lastSize / 8, Journal.FIRST_SEGMENT_BYTES);
        failed = true;
        JournalSegment made = JournalSegment.create(
                journal.file(stream, number++),
                experimentId,
                stream,
                Math.max(size, JournalSegment.HEAD_BYTES + atLeast));
        failed = false;
        lastSize = size;
        return made;
    }

    /** The oldest records, up to that many; they stay until {@link #delivered}. */
    List<byte[]> read(int upTo) {
        List<byte[]> records = new ArrayList<>(upTo);
        for (JournalSegment segment : all()) {
            segment.read(records, upTo);
        }
        return records;
    }

    /** Drops what was read last. */
    void delivered() {
        for (JournalSegment segment : all()) {
            int bytes = segment.delivered();
            pending.addAndGet(-bytes);
            journal.release(bytes);
        }
        dropDrained();
    }

    private synchronized void dropDrained() {
        while (!segments.isEmpty()
                && segments.getFirst() != open
                && segments.getFirst().pending() == 0) {
            segments.removeFirst().delete();
        }
    }

    /** Gives up the file of a stream that has had nothing to write for a while. */
    synchronized void tidy() {
        if (!used && open != null && open.pending() == 0) {
            open = null;
            dropDrained();
        }
        used = false;
    }

    /** Records that have not been delivered; no other call may be under way. */
    int pendingRecords() {
        return all().stream().mapToInt(JournalSegment::pendingRecords).sum();
    }

    void force() {
        all().forEach(JournalSegment::force);
    }

    /** Ends the use of the files; those that are drained go. No other call may be under way. */
    synchronized void close() {
        open = null;
        dropDrained();
        segments.forEach(JournalSegment::close);
        segments.clear();
    }

    private synchronized List<JournalSegment> all() {
        return List.copyOf(segments);
    }
}
