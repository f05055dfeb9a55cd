package dev.bandit.service.decision;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of a {@link Journal}: frames one behind the other, each
 *
 * <pre>
 *   4   length of the record, at least 1
 *   4   CRC32C of the length and the record
 *   n   the record
 * </pre>
 *
 * big-endian. It is written by one thread and read by another; the fields say who may touch them.
 */
final class JournalSegment {

    static final int HEADER_BYTES = 8;

    final JournalSlot slot;
    final long number;

    /** Where the oldest undelivered frame begins; changed by the reader only, under the backlog. */
    long readAt;

    /** Where the durable frames end; guarded by the backlog, and changed by the writing thread only. */
    long end;

    /** Durable frames that are not delivered; guarded by the backlog. */
    long pending;

    /** Whether nothing will be written any more; guarded by the backlog. */
    boolean sealed;

    private final Path file;
    private @Nullable FileChannel out;
    private @Nullable RandomAccessFile in;

    private JournalSegment(JournalSlot slot, long number, Path file) {
        this.slot = slot;
        this.number = number;
        this.file = file;
    }

    /** A new file, open for writing. */
    static JournalSegment create(JournalSlot slot, long number, Path file) throws IOException {
        JournalSegment segment = new JournalSegment(slot, number, file);
        segment.out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return segment;
    }

    /**
     * What an earlier process left in that file from an offset on. Whatever follows the last frame that can be read is
     * cut off the file, and handed to {@code losses} in words.
     */
    static JournalSegment recover(JournalSlot slot, long number, Path file, long from, Losses losses)
            throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer frames = ByteBuffer.wrap(bytes);
        JournalSegment segment = new JournalSegment(slot, number, file);
        segment.sealed = true;
        int at = (int) Math.min(from, bytes.length);
        segment.readAt = at;
        String fault = null;
        while (at < bytes.length) {
            fault = fault(bytes, frames, at);
            if (fault != null) {
                break;
            }
            at += HEADER_BYTES + frames.getInt(at);
            segment.pending++;
        }
        segment.end = at;
        if (fault != null) {
            losses.lost(file, at, bytes.length - at, fault);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(at);
            }
        }
        return segment;
    }

    private static @Nullable String fault(byte[] bytes, ByteBuffer frames, int at) {
        int left = bytes.length - at - HEADER_BYTES;
        if (left < 0) {
            return "an incomplete header";
        }
        int length = frames.getInt(at);
        if (length < 1) {
            return "a record of length " + length;
        }
        if (length > left) {
            return "an incomplete record";
        }
        return frames.getInt(at + 4) == checksum(length, bytes, at + HEADER_BYTES)
                ? null
                : "a record with a wrong checksum";
    }

    /** Writes frames behind the durable ones and forces them to disk; the backlog then moves {@link #end}. */
    long write(List<byte[]> records, ByteBuffer buffer) throws IOException {
        FileChannel channel = out;
        if (channel == null) {
            throw new IOException(file + " is not open for writing");
        }
        long at = end;
        buffer.clear();
        for (byte[] payload : records) {
            if (buffer.remaining() < HEADER_BYTES) {
                at = flush(channel, buffer, at);
            }
            buffer.putInt(payload.length).putInt(checksum(payload.length, payload, 0));
            int done = 0;
            while (done < payload.length) {
                if (!buffer.hasRemaining()) {
                    at = flush(channel, buffer, at);
                }
                int step = Math.min(buffer.remaining(), payload.length - done);
                buffer.put(payload, done, step);
                done += step;
            }
        }
        at = flush(channel, buffer, at);
        channel.force(false);
        return at;
    }

    private static long flush(FileChannel channel, ByteBuffer buffer, long from) throws IOException {
        long at = from;
        buffer.flip();
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
        buffer.clear();
        return at;
    }

    /** Cuts off what a failed write may have left behind the durable frames, as far as the disk lets it. */
    void cut() throws IOException {
        if (out != null) {
            out.truncate(end);
        }
    }

    void closeForWriting() throws IOException {
        if (out != null) {
            out.close();
            out = null;
        }
    }

    /** The record at {@link #readAt}; null if its frame is damaged. */
    byte @Nullable [] read() throws IOException {
        // Not a channel, which would be closed for good when the reading thread is interrupted.
        RandomAccessFile from = in;
        if (from == null) {
            from = new RandomAccessFile(file.toFile(), "r");
            in = from;
        }
        long left = from.length() - readAt - HEADER_BYTES;
        if (left < 1) {
            return null;
        }
        from.seek(readAt);
        byte[] header = new byte[HEADER_BYTES];
        from.readFully(header);
        int length = ByteBuffer.wrap(header).getInt();
        if (length < 1 || length > left) {
            return null;
        }
        byte[] payload = new byte[length];
        from.readFully(payload);
        return ByteBuffer.wrap(header).getInt(4) == checksum(length, payload, 0) ? payload : null;
    }

    void closeForReading() throws IOException {
        if (in != null) {
            in.close();
            in = null;
        }
    }

    void delete() throws IOException {
        closeForReading();
        Files.deleteIfExists(file);
    }

    /** The checksum covers the length too, so that a run of zeroes is no frame. */
    private static int checksum(int length, byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(length >>> 24);
        crc.update(length >>> 16);
        crc.update(length >>> 8);
        crc.update(length);
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    @Override
    public String toString() {
        return file.toString();
    }

    /** Told about bytes that recovery could not read. */
    interface Losses {
        void lost(Path file, long offset, long bytes, String fault);
    }
}
