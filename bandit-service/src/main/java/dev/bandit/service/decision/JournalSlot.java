package dev.bandit.service.decision;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that belongs to one process at a time, by a lock on the file {@code lock} in it, which the operating
 * system drops when the process ends, however it ends. Beside the lock stand {@code segment-<number>} files, numbered
 * upwards and never used again, and {@code position}, how far they have been delivered:
 *
 * <pre>
 *   8   number of the segment
 *   8   offset in it
 *   4   CRC32C of the sixteen bytes before
 * </pre>
 *
 * big-endian. Segments of lower numbers have been delivered whole. A position that is missing, damaged or too low
 * only leads to records being delivered again.
 */
final class JournalSlot implements Closeable {

    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    private static final Pattern SEGMENT = Pattern.compile("segment-(\\d{1,18})");
    private static final Pattern SLOT = Pattern.compile("journal-(\\d{1,9})");
    private static final int POSITION_BYTES = 20;

    /**
     * The slots of this process. POSIX drops a process's lock on a file as soon as the process closes any descriptor
     * of that file, so a slot that is held here must not even be opened for a try.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel lock;
    private long nextNumber;
    private @Nullable RandomAccessFile position;

    private JournalSlot(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /** Takes the first of {@code journal-0}, {@code journal-1} and so on that no living process has. */
    static JournalSlot takeFirstFree(Path directory) throws IOException {
        Files.createDirectories(directory);
        JournalSlot slot = null;
        for (int i = 0; slot == null; i++) {
            slot = take(directory.resolve("journal-" + i));
        }
        return slot;
    }

    /** Takes every slot that is there and that no living process has. */
    static List<JournalSlot> takeOthers(Path directory) throws IOException {
        List<JournalSlot> taken = new ArrayList<>();
        for (long number : numbers(directory, SLOT)) {
            JournalSlot slot = take(directory.resolve("journal-" + number));
            if (slot != null) {
                taken.add(slot);
            }
        }
        return taken;
    }

    private static @Nullable JournalSlot take(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (Files.notExists(path) && parent != null) {
            Files.createDirectories(path);
            force(parent);
        }
        Path directory = path.toRealPath();
        if (!HELD.add(directory)) {
            return null;
        }
        FileChannel channel = null;
        JournalSlot slot = null;
        try {
            channel = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock held = channel.tryLock();
            if (held != null) {
                slot = new JournalSlot(directory, channel);
            }
            return slot;
        } finally {
            if (slot == null) {
                if (channel != null) {
                    channel.close();
                }
                HELD.remove(directory);
            }
        }
    }

    /** The segments that hold undelivered records, oldest first; the others are deleted. */
    List<JournalSegment> recover() throws IOException {
        long[] delivered = readPosition();
        List<JournalSegment> left = new ArrayList<>();
        nextNumber = delivered[0] + 1;
        for (long number : numbers(directory, SEGMENT)) {
            if (number < delivered[0]) {
                Files.delete(file(number));
                continue;
            }
            nextNumber = number + 1;
            long from = number == delivered[0] ? delivered[1] : 0;
            JournalSegment segment = JournalSegment.recover(this, number, file(number), from, JournalSlot::logLoss);
            if (segment.pending == 0) {
                segment.delete();
            } else {
                left.add(segment);
            }
        }
        return left;
    }

    private static List<Long> numbers(Path directory, Pattern names) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> names.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> Long.valueOf(name.group(1)))
                    .sorted()
                    .toList();
        }
    }

    private static void logLoss(Path file, long offset, long bytes, String fault) {
        log.warn("Journal {}: {} at offset {}; dropped the {} bytes from there on", file, fault, offset, bytes);
    }

    /** The next segment, empty; its name is on disk when this returns. */
    JournalSegment create() throws IOException {
        long number = nextNumber++;
        JournalSegment segment = JournalSegment.create(this, number, file(number));
        try {
            force(directory);
        } catch (IOException e) {
            segment.closeForWriting();
            throw e;
        }
        return segment;
    }

    /** Remembers how far the records have been delivered; not forced to disk. */
    void savePosition(long number, long offset) throws IOException {
        if (position == null) {
            position = new RandomAccessFile(directory.resolve("position").toFile(), "rw");
        }
        ByteBuffer bytes = ByteBuffer.allocate(POSITION_BYTES).putLong(number).putLong(offset);
        bytes.putInt(checksum(bytes.array()));
        position.seek(0);
        position.write(bytes.array());
    }

    private long[] readPosition() throws IOException {
        Path file = directory.resolve("position");
        if (Files.exists(file)) {
            byte[] bytes = Files.readAllBytes(file);
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            if (bytes.length == POSITION_BYTES && buffer.getInt(16) == checksum(bytes)) {
                return new long[] {buffer.getLong(0), buffer.getLong(8)};
            }
            log.warn("Journal {}: unreadable; the records beside it are delivered from the first on", file);
        }
        return new long[] {-1, 0};
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, POSITION_BYTES - 4);
        return (int) crc.getValue();
    }

    private Path file(long number) {
        return directory.resolve("segment-%018d".formatted(number));
    }

    /** Makes the names in a directory durable. */
    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Gives the directory back; a second time, nothing. */
    @Override
    public void close() throws IOException {
        if (!lock.isOpen()) {
            return;
        }
        try (lock) {
            if (position != null) {
                position.close();
            }
        } finally {
            HELD.remove(directory);
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
