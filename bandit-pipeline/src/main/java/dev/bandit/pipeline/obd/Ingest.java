package dev.bandit.pipeline.obd;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.obd.Manifest.Received;
import dev.bandit.pipeline.obd.Manifest.StoredFile;
import dev.bandit.pipeline.store.Checksum;
import dev.bandit.pipeline.store.LocalFiles;
import dev.bandit.pipeline.store.Store;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * The dataset into a store, part by part: first as received (bronze), then checked and as Parquet (silver). Each step ends with a
 * manifest, put in place last; a step whose manifest stands is not done again, so that a run goes on where another was killed, and
 * one over the same data changes nothing.
 */
public final class Ingest {

    /** How old what no manifest names must be before it is removed where other writers are not kept away. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    private static final double COPYING = 0.1;

    /** Is told how far the work is. */
    @FunctionalInterface
    public interface Watch {
        /** @param done in [0, 1] */
        void at(double done, String what);
    }

    /**
     * @param wanted which parts
     * @param maxRejected the share of rows, in [0, 1], that may be rejected before a log is refused
     * @param split by whom logs are converted piece by piece; nothing: whole, by this process
     */
    public record Settings(Predicate<Part> wanted, double maxRejected, Optional<Split> split) {}

    /**
     * @param engine whose workers reach the store
     * @param bytes of a piece
     */
    public record Split(Engine engine, long bytes) {}

    /** @param changed whether there was anything to do */
    public record Done(Part part, boolean changed, Manifest manifest) {}

    private final Store store;
    private final Settings settings;
    private final Watch watch;
    private final String tool;

    /** @param tool the version of the program, which manifests carry */
    public Ingest(Store store, Settings settings, Watch watch, String tool) {
        this.store = store;
        this.settings = settings;
        this.watch = watch;
        this.tool = tool;
    }

    /**
     * Ingests the wanted parts that are there, and ends at the first that cannot be.
     *
     * @param from a folder or a zip
     * @throws CommandFailed if something is wrong with it, or the store fails; parts done before stay
     */
    public List<Done> run(Path from) {
        try (Source source = Source.open(from)) {
            List<Part> parts = source.parts().stream().filter(settings.wanted()).toList();
            if (parts.isEmpty()) {
                throw new CommandFailed("%s has only %s"
                        .formatted(
                                from,
                                source.parts().stream().map(Part::toString).collect(Collectors.joining(", "))));
            }
            Map<Part, String> logs = new HashMap<>();
            double all = 0;
            for (Part part : parts) {
                logs.put(part, source.log(part));
                all += source.bytes(part, source.log(part)).orElse(0L);
            }
            store.lock();
            List<Done> done = new ArrayList<>();
            double before = 0;
            for (Part part : parts) {
                String log = Objects.requireNonNull(logs.get(part));
                double share = source.bytes(part, log).orElse(0L) / Math.max(all, 1);
                double begin = before;
                done.add(new One(source, part, log, (at, what) -> watch.at(begin + share * at, part + ": " + what))
                        .run());
                before += share;
            }
            return done;
        }
    }

    /** One part. */
    private final class One {

        private final Source source;
        private final Part part;
        private final String log;
        private final Watch watch;

        /** Files of bronze that are on this machine, so that they need not be fetched. */
        private final Map<String, Path> local = new HashMap<>();

        One(Source source, Part part, String log, Watch watch) {
            this.source = source;
            this.part = part;
            this.log = log;
            this.watch = watch;
        }

        Done run() {
            Received received = receive();
            Optional<Manifest> standing = Manifest.of(part, store);
            if (standing.isPresent() && stands(standing.get(), received)) {
                return new Done(part, false, standing.get());
            }
            sweep(standing.map(Manifest::files).orElse(List.of()));
            try {
                return new Done(part, true, convert(received));
            } catch (IOException e) {
                throw LocalFiles.failed("Reading %s failed".formatted(source.name(part, log)), e);
            } catch (SQLException e) {
                throw new CommandFailed("DuckDB failed on %s: %s".formatted(source.name(part, log), e.getMessage()), e);
            }
        }

        /** Bronze. */
        private Received receive() {
            String manifest = part.raw(Manifest.NAME);
            List<String> names = List.of(log, Source.ITEMS);
            Optional<Received> standing = Manifest.read(store, manifest, Received.class);
            if (standing.isPresent() && isAll(standing.get(), names)) {
                return standing.get();
            }
            // From here to the new manifest there is none: a file that is already another one is never taken for the
            // old.
            store.delete(manifest);
            List<StoredFile> files = new ArrayList<>();
            for (String name : names) {
                Path copy = store.scratch().resolve(name);
                Checksum checksum = copy(name, copy);
                local.put(name, store.put(part.raw(name), copy));
                files.add(StoredFile.of(name, checksum));
            }
            Received received = new Received(files);
            store.put(manifest, Manifest.write(received));
            return received;
        }

        /** Whether what stands is what the source has now. */
        private boolean isAll(Received standing, List<String> names) {
            if (!standing.files().stream().map(StoredFile::name).toList().equals(names)) {
                return false;
            }
            return standing.files().stream()
                    .allMatch(file -> source.bytes(part, file.name()).equals(Optional.of(file.bytes()))
                            && store.stat(part.raw(file.name()))
                                    .filter(entry -> entry.bytes() == file.bytes())
                                    .isPresent()
                            && copy(file.name(), null).equals(file.checksum()));
        }

        /** Reads a file of the source to its end, and checks a gzip file's own checksum on the way. */
        private Checksum copy(String name, @Nullable Path to) {
            String called = source.name(part, name);
            long size = source.bytes(part, name).orElseThrow(() -> new CommandFailed(called + " is missing"));
            try (var in = new Checksum.Summing(source.read(part, name));
                    var out = to == null ? OutputStream.nullOutputStream() : Files.newOutputStream(to)) {
                var copying = new Copying(in, out, at -> watch.at(COPYING * at / Math.max(size, 1), "copying " + name));
                if (name.endsWith(".gz")) {
                    unpack(copying, size, called);
                }
                copying.transferTo(OutputStream.nullOutputStream());
                return in.drain(out);
            } catch (EOFException | ZipException e) {
                throw new CommandFailed("%s is damaged or cut off: %s".formatted(called, e.getMessage()), e);
            } catch (IOException e) {
                throw LocalFiles.failed("Copying %s to %s failed".formatted(called, store), e);
            }
        }

        private static void unpack(InputStream in, long packed, String called) throws IOException {
            Source.bounded(new GZIPInputStream(in, 1 << 16), packed, called)
                    .transferTo(OutputStream.nullOutputStream());
        }

        private boolean stands(Manifest manifest, Received received) {
            return manifest.format() == Manifest.FORMAT
                    && manifest.source().equals(received.files())
                    && manifest.files().stream()
                            .allMatch(file -> store.stat(part.silver(file.name()))
                                    .filter(entry -> entry.bytes() == file.bytes())
                                    .isPresent());
        }

        /** Silver. */
        private Manifest convert(Received received) throws SQLException, IOException {
            Path log = bronze(received.files().get(0));
            Path items = bronze(received.files().get(1));
            int affinities = Columns.checkLog(log, source.name(part, this.log));
            int known = Columns.checkItems(items, source.name(part, Source.ITEMS));
            if (affinities != known) {
                throw new CommandFailed("%s has %d affinities, but %s has %d items"
                        .formatted(source.name(part, this.log), affinities, source.name(part, Source.ITEMS), known));
            }
            Path scratch = Files.createTempDirectory(store.scratch(), "convert-");
            try (Duck duck = Duck.open(scratch.resolve("aside"))) {
                Converted converted = convert(duck, scratch, log, known);
                refuse(converted);
                Path itemsParquet = scratch.resolve("items.parquet");
                Conversion.items(duck, items, itemsParquet);
                Manifest manifest = new Manifest(
                        Manifest.FORMAT,
                        tool,
                        part.behavior().toString(),
                        part.campaign().toString(),
                        received.files(),
                        converted.rows(),
                        converted.rejected(),
                        converted.reasons(),
                        converted.missing(),
                        Objects.requireNonNull(converted.sums()),
                        known,
                        Columns.log(known),
                        converted.logs(),
                        part.put(store, "items", ".parquet", itemsParquet),
                        converted.rejectedRows());
                store.put(part.silver(Manifest.NAME), Manifest.write(manifest));
                store.delete(part.refused());
                return manifest;
            }
        }

        private Converted convert(Duck duck, Path scratch, Path csv, int items) throws SQLException, IOException {
            if (settings.split().isPresent() && !log.endsWith(".gz")) {
                Split split = settings.split().get();
                List<Chunk> chunks = Chunk.of(store, part, log, items, csv, split.bytes());
                watch.at(COPYING, "checking and converting %,d pieces".formatted(chunks.size()));
                List<Converted> pieces = split.engine().map(chunks, Chunk::convert);
                if (Converted.inOrder(pieces)) {
                    return Converted.merge(pieces, store, part);
                }
                // An index may be there twice, which only somebody who has all of the log can tell.
                pieces.forEach(piece -> piece.delete(store, part));
            }
            DoubleConsumer progress = at -> watch.at(COPYING + (1 - COPYING) * at, "checking and converting");
            var conversion = new Conversion(duck, scratch, csv, part.folder() + log, items, 0);
            return Converted.put(conversion.run(progress), store, part);
        }

        /** The file of bronze on this machine; where bronze stood already, the source has the same. */
        private Path bronze(StoredFile file) {
            return local.computeIfAbsent(file.name(), name -> {
                Path copy = store.scratch().resolve(name);
                if (!copy(name, copy).equals(file.checksum())) {
                    throw new CommandFailed(source.name(part, name) + " has changed meanwhile; ingest again");
                }
                return copy;
            });
        }

        private void refuse(Converted converted) throws IOException {
            long all = converted.rows() + converted.rejected();
            if (converted.rows() > 0 && converted.rejected() <= settings.maxRejected() * all) {
                return;
            }
            StoredFile rows = converted.rejectedRows();
            if (rows != null) {
                Path copy = Files.createTempFile(store.scratch(), "refused-", ".csv");
                Files.copy(store.fetch(part.silver(rows.name()), rows.checksum()), copy, REPLACE_EXISTING);
                store.put(part.refused(), copy);
            }
            converted.delete(store, part);
            throw new CommandFailed(
                    "%s is refused: %,d of %,d rows are rejected, --max-rejected allows %s of all: %s; first %s; all are in %s/%s"
                            .formatted(
                                    source.name(part, log),
                                    converted.rejected(),
                                    all,
                                    settings.maxRejected(),
                                    converted.reasons().entrySet().stream()
                                            .map(reason -> "%s (%,d)".formatted(reason.getKey(), reason.getValue()))
                                            .collect(Collectors.joining(", ")),
                                    converted.first(),
                                    store,
                                    part.refused()));
        }

        /** Removes what killed runs left, and what the manifest before the one that stands named. */
        private void sweep(List<StoredFile> named) {
            Set<String> kept = new HashSet<>(Set.of(part.silver(Manifest.NAME)));
            named.forEach(file -> kept.add(part.silver(file.name())));
            Instant before = store.locks() ? Instant.MAX : Instant.now().minus(ABANDONED);
            for (var entry : store.list(part.silver(""))) {
                if (!kept.contains(entry.key()) && entry.modified().isBefore(before)) {
                    store.delete(entry.key());
                }
            }
        }
    }

    /** Writes down what is read through it. */
    private static final class Copying extends FilterInputStream {

        private final OutputStream out;
        private final DoubleConsumer progress;
        private double bytes;

        Copying(InputStream in, OutputStream out, DoubleConsumer progress) {
            super(in);
            this.out = out;
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = in.read(buffer, offset, length);
            if (n > 0) {
                out.write(buffer, offset, n);
                bytes += n;
                progress.accept(bytes);
            }
            return n;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
