package dev.bandit.service.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.bandit.service.snapshot.SnapshotRow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file a day, {@code posteriors_<date>.csv}, by the UTC date of the ticks.
 *
 * <p>Whoever opens the file has whole ticks: it is never changed, but replaced by a longer one. Even a single append could be seen in
 * part. The price is a copy of the day so far, made by the kernel: at most some 30 MB a minute, with 100 arms. Where that takes longer
 * than ticks are apart, several ticks share a copy.
 */
final class CsvSink implements Sink {

    /** Far more than a row takes. */
    private static final int TAIL_BYTES = 64 << 10;

    /** Commas of a row from the one before its timestamp on; what follows it is never quoted. */
    private static final int COMMAS = Columns.NAMES.size() - Columns.NAMES.indexOf("timestamp");

    private final Path folder;

    CsvSink(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    @Override
    public void write(List<Tick> ticks) throws IOException {
        Files.createDirectories(folder);
        Map<LocalDate, List<Tick>> days = ticks.stream()
                .collect(Collectors.groupingBy(
                        tick -> LocalDate.ofInstant(tick.time(), ZoneOffset.UTC), TreeMap::new, Collectors.toList()));
        // A replica that was frozen and goes on must not put its older copy in place of a newer one.
        try (FileChannel channel = FileChannel.open(folder.resolve(".posteriors.lock"), CREATE, WRITE);
                FileLock lock = lock(channel)) {
            if (lock == null) {
                throw new IOException("another process is writing to " + folder);
            }
            for (var day : days.entrySet()) {
                append("posteriors_" + day.getKey() + ".csv", day.getValue());
            }
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void append(String name, List<Tick> ticks) throws IOException {
        Path file = folder.resolve(name);
        boolean isNew = Files.notExists(file);
        Instant last = isNew ? Instant.MIN : lastTick(file);
        StringBuilder text = new StringBuilder();
        if (isNew) {
            text.append(String.join(",", Columns.NAMES)).append('\n');
        }
        boolean some = false;
        for (Tick tick : ticks) {
            // Written before, by a replica that died before it could say so.
            if (tick.time().isAfter(last)) {
                some = true;
                tick.rows().forEach(row -> append(text, row));
            }
        }
        if (!some) {
            return;
        }
        Path fresh = folder.resolve("." + name + ".new");
        try {
            try (FileChannel out = FileChannel.open(fresh, CREATE, TRUNCATE_EXISTING, WRITE)) {
                if (!isNew) {
                    copy(file, out);
                }
                ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // Of a full disk it would keep a part.
            Files.deleteIfExists(fresh);
            throw e;
        }
        try (FileChannel directory = FileChannel.open(folder, READ)) {
            directory.force(true);
        }
    }

    private static void copy(Path file, FileChannel out) throws IOException {
        try (FileChannel in = FileChannel.open(file, READ)) {
            long size = in.size();
            for (long done = 0; done < size; ) {
                done += in.transferTo(done, size - done, out);
            }
        }
    }

    /** The time in the last row; before every other when there is none. */
    private static Instant lastTick(Path file) throws IOException {
        String tail;
        try (FileChannel in = FileChannel.open(file, READ)) {
            int length = (int) Math.min(in.size(), TAIL_BYTES);
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining() && in.read(bytes, in.size() - bytes.remaining()) >= 0) {}
            tail = new String(bytes.array(), UTF_8);
        }
        if (tail.equals(String.join(",", Columns.NAMES) + "\n")) {
            return Instant.MIN;
        }
        int end = tail.length();
        int start = end;
        for (int i = 0; i < COMMAS && start >= 0; i++) {
            end = start;
            start = tail.lastIndexOf(',', start - 1);
        }
        try {
            if (start >= 0 && tail.endsWith("\n")) {
                return Instant.parse(tail.substring(start + 1, end));
            }
        } catch (DateTimeParseException e) {
            // Somebody else's, then.
        }
        throw new IOException(file + " does not end with a row of a snapshot; move it away");
    }

    private static void append(StringBuilder text, SnapshotRow row) {
        boolean first = true;
        for (Object value : Columns.of(row).values()) {
            if (!first) {
                text.append(',');
            }
            first = false;
            if (value instanceof String string) {
                appendQuoted(text, string);
            } else if (value != null) {
                // The shortest text from which the same number is read.
                text.append(value);
            }
        }
        text.append('\n');
    }

    /** RFC 4180: in quotes where it has to be, quotes doubled. */
    private static void appendQuoted(StringBuilder text, String value) {
        boolean plain = value.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        text.append(plain ? value : '"' + value.replace("\"", "\"\"") + '"');
    }
}
