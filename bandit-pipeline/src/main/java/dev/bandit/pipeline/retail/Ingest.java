package dev.bandit.pipeline.retail;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.store.Archive;
import dev.bandit.pipeline.store.Bronze;
import dev.bandit.pipeline.store.Download;
import dev.bandit.pipeline.store.LocalFiles;
import dev.bandit.pipeline.store.Published;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.store.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The workbook into a store: as received (bronze), then its lines, the click rates of the categories and the random log (silver). As with
 * {@link dev.bandit.pipeline.obd.Ingest}, a manifest ends each step, and what stands is not done again.
 */
public final class Ingest {

    static final String WORKBOOK = "online_retail_II.xlsx";

    private static final String RAW = "bandit/raw/online-retail/";
    private static final String REFUSED = "bandit/rejected/online-retail/online_retail_II.csv";

    private static final double COPYING = 0.05;
    private static final double READING = 0.9;

    /**
     * @param maxRejected the share of rows, in [0, 1], that may be rejected before the workbook is refused
     * @param seed of the draw which category each basket is asked about
     */
    public record Settings(double maxRejected, long seed) {}

    /** @param changed whether there was anything to do */
    public record Done(boolean changed, Manifest manifest) {}

    private final Store store;
    private final Settings settings;
    private final Download.Watch watch;
    private final String tool;
    private final Published silver;

    /** @param tool the version of the program, which manifests carry */
    public Ingest(Store store, Settings settings, Download.Watch watch, String tool) {
        this.store = store;
        this.settings = settings;
        this.watch = watch;
        this.tool = tool;
        this.silver = new Published(store, Silver.FOLDER);
    }

    /**
     * @param from the workbook, or a folder or a zip that holds it
     * @throws CommandFailed if something is wrong with it, or the store fails; what stood before stays
     */
    public Done run(Path from) {
        if (!Files.exists(from)) {
            throw new CommandFailed(
                    "%s is not there, expected %s, or a folder or a zip that holds it".formatted(from, WORKBOOK));
        }
        boolean itself = Files.isRegularFile(from)
                && from.toString().toLowerCase(Locale.ROOT).endsWith(".xlsx");
        Path around = itself ? Objects.requireNonNull(from.toAbsolutePath().getParent()) : from;
        String file = itself ? Objects.requireNonNull(from.getFileName()).toString() : WORKBOOK;
        try (Archive archive = Archive.open(around)) {
            String root = archive.roots().stream()
                    .filter(folder -> archive.bytes(folder + file).isPresent())
                    .findFirst()
                    .orElseThrow(() -> new CommandFailed("%s holds no %s".formatted(from, file)));
            String name = itself ? from.toString() : archive.name(root + file);
            store.lock();
            return run(
                    new Bronze(store, RAW, new Bronze.Input(archive, root), (at, what) -> watch.at(COPYING * at, what)),
                    file,
                    name);
        }
    }

    private Done run(Bronze bronze, String file, String name) {
        List<StoredFile> received = bronze.receive(List.of(file));
        Optional<Manifest> standing = Manifest.of(store);
        if (standing.isPresent() && stands(standing.get(), received)) {
            return new Done(false, standing.get());
        }
        silver.sweep(standing.map(Manifest::files).orElse(List.of()));
        try {
            return new Done(true, convert(new Book(bronze.local(received.getFirst()), name), received));
        } catch (UncheckedIOException e) {
            throw LocalFiles.failed("Reading %s failed".formatted(name), Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw LocalFiles.failed("Reading %s failed".formatted(name), e);
        } catch (SQLException e) {
            throw new CommandFailed("DuckDB failed on %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    private boolean stands(Manifest manifest, List<StoredFile> received) {
        return manifest.format() == Manifest.FORMAT
                && manifest.seed() == settings.seed()
                && manifest.source().equals(received)
                && silver.holds(manifest.files());
    }

    private Manifest convert(Book book, List<StoredFile> received) throws IOException, SQLException {
        Path scratch = Files.createTempDirectory(store.scratch(), "convert-");
        try (Duck duck = Duck.open(scratch.resolve("aside"))) {
            var conversion = new Conversion(duck, scratch);
            var read =
                    conversion.read(book, at -> watch.at(COPYING + (READING - COPYING) * at, "reading the workbook"));
            refuse(book, read);
            watch.at(READING, "converting");
            var lines = conversion.lines();
            var log = conversion.log(settings.seed());
            if (log.from() == null || log.to() == null) {
                throw new CommandFailed("%s is refused: nothing in its %,d lines is a purchase that was kept"
                        .formatted(book.name(), lines.count()));
            }
            Manifest manifest = new Manifest(
                    Manifest.FORMAT,
                    tool,
                    settings.seed(),
                    received,
                    lines.count(),
                    lines.repeated(),
                    read.rejected(),
                    read.reasons(),
                    lines.missing(),
                    lines.kinds(),
                    lines.cancelled(),
                    lines.cancelledInvoices(),
                    log.baskets(),
                    log.clicks(),
                    instant(log.from()),
                    instant(log.to()),
                    log.rates(),
                    silver.put("lines", ".parquet", lines.parquet()),
                    silver.put("log", ".parquet", log.parquet()),
                    silver.put("click_rates", ".csv", log.csv()),
                    read.rejectedRows() == null ? null : silver.put("rejected", ".csv", read.rejectedRows()));
            silver.publish(manifest);
            store.delete(REFUSED);
            return manifest;
        }
    }

    private void refuse(Book book, Conversion.Read read) {
        long all = read.rows() + read.rejected();
        if (read.rows() > 0 && read.rejected() <= settings.maxRejected() * all) {
            return;
        }
        if (read.rejectedRows() != null) {
            store.put(REFUSED, read.rejectedRows());
        }
        throw new CommandFailed(
                "%s is refused: %,d of %,d rows are rejected, --max-rejected allows %s of all: %s; first %s; all are in %s/%s"
                        .formatted(
                                book.name(),
                                read.rejected(),
                                all,
                                settings.maxRejected(),
                                read.reasons().entrySet().stream()
                                        .map(reason -> "%s (%,d)".formatted(reason.getKey(), reason.getValue()))
                                        .collect(Collectors.joining(", ")),
                                read.first(),
                                store,
                                REFUSED));
    }

    private static String instant(LocalDateTime at) {
        return at.toInstant(ZoneOffset.UTC).toString();
    }
}
