package dev.bandit.pipeline.obd;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.store.Bronze;
import dev.bandit.pipeline.store.LocalFiles;
import dev.bandit.pipeline.store.Published;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.store.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The dataset into a store, part by part: first as received (bronze), then checked and as Parquet (silver). Each step ends with a
 * manifest, put in place last; a step whose manifest stands is not done again, so that a run goes on where another was killed, and
 * one over the same data changes nothing.
 */
public final class Ingest {

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

        private final Bronze bronze;
        private final Published silver;

        /** What readers see. */
        private List<StoredFile> named = List.of();

        One(Source source, Part part, String log, Watch watch) {
            this.source = source;
            this.part = part;
            this.log = log;
            this.watch = watch;
            this.bronze =
                    new Bronze(store, part.raw(""), source.files(part), (at, what) -> watch.at(COPYING * at, what));
            this.silver = new Published(store, part.silver(""));
        }

        Done run() {
            List<StoredFile> received = bronze.receive(List.of(log, Source.ITEMS));
            // One of another format is made anew.
            Optional<Manifest> standing =
                    Manifest.of(part, store).filter(manifest -> manifest.format() == Manifest.FORMAT);
            if (standing.isPresent() && stands(standing.get(), received)) {
                return new Done(part, false, standing.get());
            }
            named = standing.map(Manifest::files).orElse(List.of());
            silver.sweep(named);
            try {
                return new Done(part, true, convert(received));
            } catch (IOException e) {
                throw LocalFiles.failed("Reading %s failed".formatted(source.name(part, log)), e);
            } catch (SQLException e) {
                throw new CommandFailed("DuckDB failed on %s: %s".formatted(source.name(part, log), e.getMessage()), e);
            }
        }

        private boolean stands(Manifest manifest, List<StoredFile> received) {
            return manifest.source().equals(received) && silver.holds(manifest.files());
        }

        /** Silver. */
        private Manifest convert(List<StoredFile> received) throws SQLException, IOException {
            Path log = bronze.local(received.get(0));
            Path items = bronze.local(received.get(1));
            int affinities = Columns.checkLog(log, source.name(part, this.log));
            int known = Columns.checkItems(items, source.name(part, Source.ITEMS));
            if (affinities != known) {
                throw new CommandFailed("%s has %d affinities, but %s has %d items"
                        .formatted(source.name(part, this.log), affinities, source.name(part, Source.ITEMS), known));
            }
            Path scratch = Files.createTempDirectory(store.scratch(), "convert-");
            try (Duck duck = Duck.open(scratch.resolve("aside"))) {
                Converted converted = convert(duck, scratch, log, known, received);
                refuse(converted);
                Path itemsParquet = scratch.resolve("items.parquet");
                Conversion.items(duck, items, itemsParquet);
                Manifest manifest = new Manifest(
                        Manifest.FORMAT,
                        tool,
                        part.behavior().toString(),
                        part.campaign().toString(),
                        received,
                        converted.rows(),
                        converted.rejected(),
                        converted.reasons(),
                        converted.missing(),
                        Objects.requireNonNull(converted.sums()),
                        known,
                        Columns.log(known),
                        converted.logs(),
                        silver.put("items", ".parquet", itemsParquet),
                        converted.rejectedRows());
                silver.publish(manifest);
                store.delete(part.refused());
                return manifest;
            }
        }

        private Converted convert(Duck duck, Path scratch, Path csv, int items, List<StoredFile> received)
                throws SQLException, IOException {
            if (settings.split().isPresent() && !log.endsWith(".gz")) {
                Split split = settings.split().get();
                List<Chunk> chunks = Chunk.of(store, part, log, items, csv, split.bytes());
                watch.at(COPYING, "checking and converting %,d pieces".formatted(chunks.size()));
                List<Converted> pieces = split.engine().map(chunks, Chunk::convert);
                if (!bronze.stands(received)) {
                    throw new CommandFailed(
                            "%s in %s was replaced by another ingest meanwhile; ingest again".formatted(part, store));
                }
                if (Converted.inOrder(pieces)) {
                    return Converted.merge(pieces, silver, named);
                }
                // An index may be there twice, which only somebody who has all of the log can tell.
                pieces.forEach(piece -> piece.discard(silver, named));
            }
            DoubleConsumer progress = at -> watch.at(COPYING + (1 - COPYING) * at, "checking and converting");
            var conversion = new Conversion(duck, scratch, csv, part.folder() + log, items, 0);
            return Converted.put(conversion.run(progress), silver);
        }

        private void refuse(Converted converted) throws IOException {
            long all = converted.rows() + converted.rejected();
            if (converted.rows() > 0 && converted.rejected() <= settings.maxRejected() * all) {
                return;
            }
            StoredFile rows = converted.rejectedRows();
            if (rows != null) {
                Path copy = Files.createTempFile(store.scratch(), "refused-", ".csv");
                Files.copy(silver.fetch(rows), copy, REPLACE_EXISTING);
                store.put(part.refused(), copy);
            }
            converted.discard(silver, named);
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
    }
}
