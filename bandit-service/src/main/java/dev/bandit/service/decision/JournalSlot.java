package dev.bandit.service.decision;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory {@code journal-<n>} that belongs to one process at a time, by a lock on the file {@code lock} in it, which the operating system
 * drops when the process ends, however it ends. Beside the lock stand the segments, {@code <stream>-<number>}, both in hexadecimal. Processes
 * that share a directory must share its file locks too.
 */
final class JournalSlot implements Closeable {

    private static final Pattern SEGMENT = Pattern.compile("[0-9a-f]{16}-[0-9a-f]{8}");
    private static final Pattern SLOT = Pattern.compile("journal-\\d{1,9}");

    /**
     * The slots of this process. POSIX drops a process's lock on a file as soon as the process closes any descriptor of that file, so a slot
     * that is held here must not even be opened for a try.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel lock;

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

    private static @Nullable JournalSlot take(Path path) throws IOException {
        Files.createDirectories(path);
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

    /** Moves the segments of every slot that no living process has into this one. */
    void takeOver(Path directory) throws IOException {
        for (Path path : list(directory, SLOT)) {
            try (JournalSlot other = take(path)) {
                if (other != null) {
                    for (Path segment : other.segments()) {
                        Files.move(segment, this.directory.resolve(segment.getFileName()));
                    }
                }
            }
        }
    }

    /** The segments that are here, those of a stream oldest first. */
    List<Path> segments() throws IOException {
        return list(directory, SEGMENT);
    }

    /** Where a segment goes. */
    Path segment(long stream, int number) {
        return directory.resolve("%016x-%08x".formatted(stream, number));
    }

    private static List<Path> list(Path directory, Pattern names) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(
                            file -> names.matcher(file.getFileName().toString()).matches())
                    .sorted()
                    .toList();
        }
    }

    /** Gives the directory back; a second time, nothing. */
    @Override
    public void close() throws IOException {
        if (lock.isOpen()) {
            try (lock) {
                HELD.remove(directory);
            }
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
