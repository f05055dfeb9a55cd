package dev.bandit.service.totals;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file with a row an arm and run, in the order of the runs: a copy of {@code experiment_run_arms}.
 *
 * <p>The file itself says how far it is. From the first row of its last run on, it is made to be what Postgres has: what is there already
 * stays, a row that was cut off is completed, what is missing is appended. So it holds each run once, wherever a writer died.
 */
final class MetricsCsv {

    /** Written at once; each has some arms. */
    private static final int RUNS = 100;

    private static final int TAIL_BYTES = 64 << 10;
    private static final byte[] HEADER = RunArm.HEADER.getBytes(US_ASCII);

    private final Path file;
    private final RunTable table;

    MetricsCsv(Path file, RunTable table) {
        this.file = file.toAbsolutePath();
        this.table = table;
    }

    /**
     * How the file ends.
     *
     * @param run the last; 0 before the first
     * @param begin where its first row begins
     * @param whole where the last whole row ends
     */
    private record End(long run, long begin, long whole) {}

    /**
     * Appends the runs that the file has not; does nothing while another process does.
     *
     * @throws IOException when the file cannot be written, or is not ours
     * @throws dev.bandit.service.ledger.LedgerUnavailable when Postgres cannot be reached or fails
     */
    void write() throws IOException {
        Files.createDirectories(file.resolveSibling(".").normalize());
        try (FileChannel channel = FileChannel.open(file, CREATE, READ, WRITE);
                FileLock lock = lock(channel)) {
            boolean more = lock != null;
            while (more) {
                more = append(channel);
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

    /** @return whether there may be more */
    private boolean append(FileChannel channel) throws IOException {
        End end = end(channel);
        List<RunArm> arms = table.from(end.run, RUNS);
        if (arms.isEmpty()) {
            if (end.run > table.newest()) {
                throw new IOException(
                        file + " ends with run " + end.run + ", which this database has not had; move the file away");
            }
            return false;
        }
        long from = arms.getFirst().runId() == end.run ? end.begin : end.whole;
        byte[] expected = ((from == 0 ? RunArm.HEADER : "")
                        + arms.stream().map(RunArm::line).collect(Collectors.joining()))
                .getBytes(US_ASCII);
        byte[] found = read(channel, from, (int) Math.min(expected.length, channel.size() - from));
        int same = Arrays.mismatch(found, expected);
        if (same >= 0) {
            // A recount: what it replaced is no longer in Postgres either.
            Set<String> begun = arms.stream()
                    .filter(arm -> arm.firstBatch() == 1)
                    .map(RunArm::experimentId)
                    .collect(Collectors.toSet());
            if (!begun.isEmpty() && has(channel, from, begun)) {
                channel.truncate(0);
                return true;
            }
            channel.truncate(from + same);
            ByteBuffer rest = ByteBuffer.wrap(expected, same, expected.length - same);
            channel.position(from + same);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(false);
        }
        return arms.stream().mapToLong(RunArm::runId).distinct().count() == RUNS;
    }

    private End end(FileChannel channel) throws IOException {
        long size = channel.size();
        byte[] head = read(channel, 0, (int) Math.min(size, HEADER.length));
        if (!Arrays.equals(head, Arrays.copyOf(HEADER, head.length))) {
            throw new IOException(file + " does not begin with the names of the columns of runs; move it away");
        }
        if (head.length < HEADER.length) {
            return new End(0, 0, 0);
        }
        End end = null;
        for (long length = TAIL_BYTES; end == null; length *= 2) {
            long at = Math.max(HEADER.length, size - length);
            end = end(new String(read(channel, at, Math.toIntExact(size - at)), US_ASCII), at);
        }
        return end;
    }

    /**
     * @param tail of the file
     * @param at where it begins
     * @return null when the last run may begin before it
     */
    private @Nullable End end(String tail, long at) throws IOException {
        boolean all = at == HEADER.length;
        int first = all ? 0 : tail.indexOf('\n') + 1;
        int whole = tail.lastIndexOf('\n') + 1;
        if (whole <= first) {
            return all ? new End(0, at, at) : null;
        }
        int begin = lineBefore(tail, whole);
        long run = run(tail, begin);
        while (begin > first) {
            int before = lineBefore(tail, begin);
            if (run(tail, before) != run) {
                return new End(run, at + begin, at + whole);
            }
            begin = before;
        }
        return all ? new End(run, at + begin, at + whole) : null;
    }

    private static int lineBefore(String text, int end) {
        return end < 2 ? 0 : text.lastIndexOf('\n', end - 2) + 1;
    }

    private long run(String text, int line) throws IOException {
        int comma = text.indexOf(',', line);
        try {
            return Long.parseLong(text, line, Math.max(line, comma), 10);
        } catch (NumberFormatException e) {
            throw new IOException(file + " does not end with a row of a run; move it away", e);
        }
    }

    /** Whether the file has rows of one of these experiments, before some place. */
    private boolean has(FileChannel channel, long end, Set<String> experiments) throws IOException {
        BufferedReader rows = new BufferedReader(Channels.newReader(channel.position(0), US_ASCII));
        long at = 0;
        while (at < end) {
            String row = rows.readLine();
            String[] columns = row == null ? new String[0] : row.split(",", 4);
            if (row == null || columns.length < 4) {
                throw new IOException(file + " has something that is no row of a run; move it away");
            }
            if (experiments.contains(columns[2])) {
                return true;
            }
            at += row.length() + 1;
        }
        return false;
    }

    private static byte[] read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return bytes.array();
    }
}
