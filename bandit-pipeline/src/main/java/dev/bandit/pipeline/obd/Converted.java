package dev.bandit.pipeline.obd;

import dev.bandit.pipeline.obd.Manifest.LogFile;
import dev.bandit.pipeline.obd.Manifest.Sums;
import dev.bandit.pipeline.store.Published;
import dev.bandit.pipeline.store.StoredFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A log or some of it, whose files are in silver, though no manifest names them yet.
 *
 * @param rejected how many rows were left out
 * @param reasons why, with how many each
 * @param rejectedRows a CSV file of them, if there are any
 * @param first the first of them, as a message tells it
 */
record Converted(
        List<LogFile> logs,
        long rows,
        long rejected,
        Map<String, Long> reasons,
        Map<String, Long> missing,
        @Nullable Sums sums,
        @Nullable StoredFile rejectedRows,
        String first)
        implements Serializable {

    private static final String REJECTED = "rejected";

    static Converted put(Conversion.Result result, Published silver) throws IOException {
        List<LogFile> logs = result.sums() == null
                ? List.of()
                : List.of(LogFile.of(silver.put("log", ".parquet", result.parquet()), result.rows(), result.sums()));
        return new Converted(
                logs,
                result.rows(),
                result.rejected(),
                result.reasons(),
                result.missing(),
                result.sums(),
                result.rejectedRows() == null ? null : silver.put(REJECTED, ".csv", result.rejectedRows()),
                result.first());
    }

    /**
     * Pieces that follow each other.
     *
     * @param pieces at least one
     * @param named the files that readers see
     */
    static Converted merge(List<Converted> pieces, Published silver, List<StoredFile> named) throws IOException {
        List<LogFile> logs = new ArrayList<>();
        Map<String, Long> reasons = new TreeMap<>();
        Map<String, Long> missing = new TreeMap<>();
        Sums sums = null;
        for (Converted piece : pieces) {
            logs.addAll(piece.logs);
            piece.reasons.forEach((reason, rows) -> reasons.merge(reason, rows, Long::sum));
            piece.missing.forEach((column, rows) -> missing.merge(column, rows, Long::sum));
            if (piece.sums != null) {
                sums = sums == null ? piece.sums : sums.plus(piece.sums);
            }
        }
        return new Converted(
                List.copyOf(logs),
                pieces.stream().mapToLong(Converted::rows).sum(),
                pieces.stream().mapToLong(Converted::rejected).sum(),
                reasons,
                missing,
                sums,
                rejectedRows(pieces, silver, named),
                pieces.stream()
                        .map(Converted::first)
                        .filter(first -> !first.isEmpty())
                        .findFirst()
                        .orElse(""));
    }

    private static @Nullable StoredFile rejectedRows(List<Converted> pieces, Published silver, List<StoredFile> named)
            throws IOException {
        List<StoredFile> files = pieces.stream()
                .map(Converted::rejectedRows)
                .filter(Objects::nonNull)
                .toList();
        if (files.size() < 2) {
            return files.isEmpty() ? null : files.getFirst();
        }
        Path all = silver.store().scratch().resolve(REJECTED + ".csv");
        try (OutputStream out = Files.newOutputStream(all)) {
            boolean first = true;
            for (StoredFile file : files) {
                try (var in = Files.newInputStream(silver.fetch(file))) {
                    int next = in.read();
                    while (!first && next >= 0 && next != '\n') {
                        next = in.read();
                    }
                    if (first) {
                        out.write(next);
                    }
                    in.transferTo(out);
                    first = false;
                }
            }
        }
        StoredFile merged = silver.put(REJECTED, ".csv", all);
        files.stream().filter(file -> !file.equals(merged)).forEach(file -> silver.discard(file, named));
        return merged;
    }

    /** Whether each piece has only greater indices than the one before. */
    static boolean inOrder(List<Converted> pieces) {
        long last = -1;
        for (Converted piece : pieces) {
            if (piece.sums != null) {
                if (piece.sums.firstRow() <= last) {
                    return false;
                }
                last = piece.sums.lastRow();
            }
        }
        return true;
    }

    /**
     * Takes the files away again.
     *
     * @param named those that readers see, which may be the same
     */
    void discard(Published silver, List<StoredFile> named) {
        Stream.concat(logs.stream().map(LogFile::file), Stream.ofNullable(rejectedRows))
                .forEach(file -> silver.discard(file, named));
    }
}
