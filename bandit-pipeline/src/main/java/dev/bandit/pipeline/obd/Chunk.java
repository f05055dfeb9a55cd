package dev.bandit.pipeline.obd;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.store.Published;
import dev.bandit.pipeline.store.Store;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Some lines of a log in bronze, which a worker checks and converts by itself.
 *
 * @param store where it is, as {@link Store#open} wants to be told
 * @param log its file
 * @param items how many there are
 * @param header bytes of the first line
 * @param from the first byte
 * @param bytes how many
 * @param before lines between the first one and these
 */
record Chunk(String store, Part part, String log, int items, long header, long from, long bytes, long before)
        implements Serializable {

    private static final int BUFFER = 1 << 20;

    /**
     * Cuts a log at ends of lines.
     *
     * @param csv the same on this machine, not packed
     * @param size of each, in bytes; the last may be smaller, and each may be larger by a line
     */
    static List<Chunk> of(Store store, Part part, String log, int items, Path csv, long size) throws IOException {
        List<Chunk> chunks = new ArrayList<>();
        byte[] buffer = new byte[BUFFER];
        long header = -1;
        long start = 0;
        long lines = 0;
        long before = 0;
        long at = 0;
        try (InputStream in = Files.newInputStream(csv)) {
            for (int n = in.read(buffer); n > 0; n = in.read(buffer)) {
                for (int i = 0; i < n; i++) {
                    if (buffer[i] != '\n') {
                        continue;
                    }
                    long after = at + i + 1;
                    if (header < 0) {
                        header = after;
                        start = after;
                        continue;
                    }
                    lines++;
                    if (after - start >= size) {
                        chunks.add(new Chunk(store.toString(), part, log, items, header, start, after - start, before));
                        start = after;
                        before = lines;
                    }
                }
                at += n;
            }
        }
        if (at > start) {
            chunks.add(new Chunk(store.toString(), part, log, items, header, start, at - start, before));
        }
        return chunks;
    }

    /** Done by a worker; a second time it would put the same files again. */
    Converted convert() throws IOException {
        try (Store open = Store.open(store)) {
            Path scratch = Files.createTempDirectory(open.scratch(), "chunk-");
            Path csv = scratch.resolve("lines.csv");
            try (OutputStream out = Files.newOutputStream(csv)) {
                copy(open, 0, header, out);
                copy(open, from, bytes, out);
            }
            try (Duck duck = Duck.open(scratch.resolve("aside"), 1)) {
                var conversion = new Conversion(duck, scratch, csv, part.folder() + log, items, before);
                return Converted.put(conversion.run(at -> {}), new Published(open, part.silver("")));
            } catch (SQLException e) {
                throw new CommandFailed("DuckDB failed on %s: %s".formatted(part.raw(log), e.getMessage()), e);
            }
        }
    }

    private void copy(Store open, long first, long length, OutputStream out) throws IOException {
        try (InputStream in = new BufferedInputStream(open.read(part.raw(log), first, length), BUFFER)) {
            if (in.transferTo(out) != length) {
                throw new IOException(part.raw(log) + " has changed meanwhile");
            }
        }
    }
}
