package dev.bandit.service.decision;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decisions of this process that Redis does not have yet, on the local disk, a {@link StreamJournal} for each stream.
 *
 * <p>What was appended outlives the process however it ends, and is found by the next one on the same directory; it outlives the machine
 * once it has been {@link #force forced}. What is noted as delivered may come out again after a crash of the machine, never out of order.
 *
 * <p>Each process has a {@link JournalSlot} of the directory to itself. What dead processes left in theirs is taken over.
 */
final class Journal implements Closeable {

    /** Room for a hundred decisions: most experiments are small. A segment that is soon full is followed by one eight times as large. */
    static final int FIRST_SEGMENT_BYTES = 16 << 10;

    static final int MAX_SEGMENT_BYTES = 8 << 20;

    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    private final JournalSlot slot;
    private final long maxBytes;
    private final AtomicLong pendingBytes = new AtomicLong();
    private final Map<Long, StreamJournal> streams = new ConcurrentHashMap<>();
    private final List<StreamJournal> left;

    private Journal(JournalSlot slot, long maxBytes) throws IOException {
        this.slot = slot;
        this.maxBytes = maxBytes;
        Map<Long, List<JournalSegment>> byStream = new TreeMap<>();
        for (Path file : slot.segments()) {
            JournalSegment segment = JournalSegment.recover(file);
            if (segment != null && segment.pending() == 0) {
                segment.delete();
            } else if (segment != null) {
                byStream.computeIfAbsent(segment.stream, stream -> new ArrayList<>())
                        .add(segment);
                pendingBytes.addAndGet(segment.pending());
            }
        }
        left = byStream.values().stream()
                .map(segments ->
                        new StreamJournal(this, segments.getFirst().experimentId, segments.getFirst().stream, segments))
                .toList();
        left.forEach(stream -> streams.put(stream.stream(), stream));
        if (pendingBytes() > 0) {
            log.info("Journal {}: {} bytes of decisions are left from before", slot, pendingBytes());
        }
    }

    /**
     * Opens the first free slot of that directory, which is made if there is none, and takes over what dead processes left in the others.
     *
     * @param maxBytes bound of the records that are not delivered, with 8 bytes for each
     * @throws IOException if the directory or a file in it cannot be made, locked or read
     */
    static Journal open(Path directory, long maxBytes) throws IOException {
        JournalSlot slot = JournalSlot.takeFirstFree(directory);
        try {
            slot.takeOver(directory);
            return new Journal(slot, maxBytes);
        } catch (IOException | RuntimeException e) {
            slot.close();
            throw e;
        }
    }

    /** A new stream. */
    StreamJournal begin(String experimentId, long stream) {
        StreamJournal begun = new StreamJournal(this, experimentId, stream, List.of());
        streams.put(stream, begun);
        return begun;
    }

    /** The streams of earlier processes of which something is left. */
    List<StreamJournal> left() {
        return left;
    }

    /** Bytes of decisions that are not delivered, with 8 for each: what the bound is about. */
    long pendingBytes() {
        return pendingBytes.get();
    }

    /**
     * Takes bytes of the bound for a stream; false, with nothing taken, if there are not as many. A stream may always have a little, and
     * none may have everything: one that cannot be delivered holds up no other.
     *
     * @param pending what the stream has already
     */
    boolean reserve(long bytes, long pending) {
        boolean little = pending + bytes <= Math.min(FIRST_SEGMENT_BYTES, maxBytes / 8);
        if (!little && pending + bytes > maxBytes - maxBytes / 8) {
            return false;
        }
        if (pendingBytes.addAndGet(bytes) <= maxBytes || little) {
            return true;
        }
        pendingBytes.addAndGet(-bytes);
        return false;
    }

    void release(long bytes) {
        pendingBytes.addAndGet(-bytes);
    }

    Path file(long stream, int number) {
        return slot.segment(stream, number);
    }

    /** Brings everything to the disk itself. */
    void force() {
        streams.values().forEach(StreamJournal::force);
    }

    /** Gives up the files of streams that have had nothing to write since the last call. */
    void tidy() {
        streams.values().forEach(StreamJournal::tidy);
    }

    /** Nothing may be under way any more. */
    @Override
    public void close() throws IOException {
        streams.values().forEach(StreamJournal::close);
        streams.clear();
        slot.close();
    }
}
