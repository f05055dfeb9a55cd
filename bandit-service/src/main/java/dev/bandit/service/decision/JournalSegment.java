package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One file of a {@link StreamJournal}, mapped into memory: what is put there outlives the process at once, and the machine when it has been
 * forced. Big-endian:
 *
 * <pre>
 *   8   "bandit-1"
 *   8   name of the stream
 *   8   where the oldest record begins that is not delivered
 *   2   length of the experiment's id, then the id
 *
 * and from 256 on, until a length is 0 or the file ends, frames:
 *   4   length of the record, at least 1
 *   4   CRC32C of the length and the record
 *   n   the record
 * </pre>
 *
 * <p>One thread at a time appends and one at a time reads; what was appended before a read began can be read.
 */
final class JournalSegment {

    /** What a frame adds to its record. */
    static final int FRAME_BYTES = 8;

    static final int HEAD_BYTES = 256;

    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    private static final long MAGIC =
            ByteBuffer.wrap("bandit-1".getBytes(UTF_8)).getLong();
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ZEROES = 64 << 10;
    private static final int STREAM_AT = 8;
    private static final int DELIVERED_AT = 16;
    private static final int ID_AT = 24;

    final Path file;
    final String experimentId;
    final long stream;

    private final Arena arena;
    private final MemorySegment bytes;
    private final int size;
    /** Where the next frame goes. */
    private volatile int end;
    /** Where the oldest frame begins that is not delivered; the file has it too. */
    private volatile int delivered;
    /** Where the frames end that were read last. */
    private int read;

    private boolean closed;
    /** Where the frames ended that are on the disk itself. */
    private int forced = HEAD_BYTES;

    private JournalSegment(Path file, String experimentId, long stream, Arena arena, MemorySegment bytes) {
        this.file = file;
        this.experimentId = experimentId;
        this.stream = stream;
        this.arena = arena;
        this.bytes = bytes;
        this.size = Math.toIntExact(bytes.byteSize());
        this.end = HEAD_BYTES;
        this.delivered = HEAD_BYTES;
        this.read = HEAD_BYTES;
    }

    /**
     * A new file of that size.
     *
     * @throws IOException also when the disk has no room for all of it, so that no write to the mapped memory can fail later
     */
    @SuppressWarnings("MustBeClosedChecker") // closed with the segment
    static JournalSegment create(Path file, String experimentId, long stream, int size) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer zeroes = ByteBuffer.allocate(ZEROES);
            for (int written = 0; written < size; ) {
                written += channel.write(zeroes.clear().limit(Math.min(ZEROES, size - written)));
            }
            MemorySegment bytes = channel.map(MapMode.READ_WRITE, 0, size, arena);
            byte[] id = experimentId.getBytes(UTF_8);
            bytes.set(LONG, STREAM_AT, stream);
            bytes.set(LONG, DELIVERED_AT, HEAD_BYTES);
            bytes.set(ValueLayout.JAVA_BYTE, ID_AT, (byte) (id.length >> 8));
            bytes.set(ValueLayout.JAVA_BYTE, ID_AT + 1, (byte) id.length);
            MemorySegment.copy(id, 0, bytes, ValueLayout.JAVA_BYTE, ID_AT + 2, id.length);
            bytes.set(LONG, 0, MAGIC);
            return new JournalSegment(file, experimentId, stream, arena, bytes);
        } catch (IOException | RuntimeException | Error e) {
            arena.close();
            Files.deleteIfExists(file);
            throw e;
        }
    }

    /** What an earlier process left, to be read only; null if that is no segment. */
    @SuppressWarnings("MustBeClosedChecker") // closed with the segment
    static @Nullable JournalSegment recover(Path file) throws IOException {
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long size = Math.min(channel.size(), Integer.MAX_VALUE);
            MemorySegment bytes = channel.map(MapMode.READ_WRITE, 0, size, arena);
            long magic = size == 0 ? 0 : size < HEAD_BYTES ? -1 : bytes.get(LONG, 0);
            if (magic != MAGIC) {
                arena.close();
                if (magic == 0) { // its maker died before anything was in it
                    Files.delete(file);
                } else {
                    log.warn("Journal {}: not a segment of a journal; left alone", file);
                }
                return null;
            }
            int idLength = bytes.get(ValueLayout.JAVA_BYTE, ID_AT + 1) & 0xff;
            byte[] id = new byte[idLength];
            MemorySegment.copy(
                    bytes, ValueLayout.JAVA_BYTE, ID_AT + 2, id, 0, Math.min(idLength, HEAD_BYTES - ID_AT - 2));
            JournalSegment segment =
                    new JournalSegment(file, new String(id, UTF_8), bytes.get(LONG, STREAM_AT), arena, bytes);
            long delivered = bytes.get(LONG, DELIVERED_AT);
            segment.delivered = delivered < HEAD_BYTES || delivered > size ? HEAD_BYTES : (int) delivered;
            segment.end = segment.endOfFrames(segment.delivered);
            return segment;
        } catch (IOException | RuntimeException e) {
            if (arena.scope().isAlive()) {
                arena.close();
            }
            throw e;
        }
    }

    private int endOfFrames(int from) {
        int at = from;
        String fault = null;
        while (fault == null && at + FRAME_BYTES < size && bytes.get(INT, at) != 0) {
            int length = bytes.get(INT, at);
            if (length < 0 || length > size - at - FRAME_BYTES) {
                fault = "a record of length " + length;
            } else if (bytes.get(INT, at + 4) != checksum(record(at, length))) {
                fault = "a record with a wrong checksum";
            } else {
                at += FRAME_BYTES + length;
            }
        }
        if (fault != null) {
            log.warn("Journal {}: {} at offset {}; dropped what follows", file, fault, at);
        }
        return at;
    }

    /** False, with nothing changed, if there is no room for it. */
    boolean append(byte[] record) {
        int at = end;
        if (FRAME_BYTES + record.length > size - at) {
            return false;
        }
        MemorySegment.copy(record, 0, bytes, ValueLayout.JAVA_BYTE, at + FRAME_BYTES, record.length);
        bytes.set(INT, at + 4, checksum(record));
        bytes.set(INT, at, record.length);
        end = at + FRAME_BYTES + record.length;
        return true;
    }

    /** Adds the oldest records, as many as there are up to that many in all; they stay until {@link #delivered}. */
    void read(List<byte[]> into, int upTo) {
        read = delivered;
        while (into.size() < upTo && read < end) {
            byte[] record = record(read, bytes.get(INT, read));
            into.add(record);
            read += FRAME_BYTES + record.length;
        }
    }

    /** Drops what was read last, and answers how many bytes that was. */
    int delivered() {
        int dropped = read - delivered;
        if (dropped > 0) {
            bytes.set(LONG, DELIVERED_AT, read);
            delivered = read; // from now on the file may go
        }
        return dropped;
    }

    /** Bytes of frames that have not been delivered. */
    int pending() {
        return end - delivered;
    }

    /** Records that have not been delivered. */
    int pendingRecords() {
        int records = 0;
        for (int at = delivered; at < end; at += FRAME_BYTES + bytes.get(INT, at)) {
            records++;
        }
        return records;
    }

    private byte[] record(int at, int length) {
        byte[] record = new byte[length];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at + FRAME_BYTES, record, 0, length);
        return record;
    }

    /** Brings what was appended to the disk itself. */
    synchronized void force() {
        int now = end;
        if (!closed && now != forced) {
            bytes.force();
            forced = now;
        }
    }

    /** Ends the use of the file; no other call may be under way but {@link #force}. */
    synchronized void close() {
        if (!closed) {
            closed = true;
            arena.close();
        }
    }

    void delete() {
        close();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.warn("Journal {}: delivered, but could not be deleted", file, e);
        }
    }

    /** Covers the length too. */
    private static int checksum(byte[] record) {
        CRC32C crc = new CRC32C();
        crc.update(record.length >>> 24);
        crc.update(record.length >>> 16);
        crc.update(record.length >>> 8);
        crc.update(record.length);
        crc.update(record, 0, record.length);
        return (int) crc.getValue();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
