package dev.bandit.pipeline.obd;

import dev.bandit.pipeline.store.Manifests;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.store.StoredFile;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a part of silver is: the last of its files to be written, and the only one that readers look for. The same input gives the
 * same manifest.
 *
 * @param format of the Parquet file; another one is made anew
 * @param tool the version that wrote it
 * @param source the log and the items as received
 * @param rows in the log, without the rejected ones
 * @param rejected rows left out
 * @param reasons why, with how many each
 * @param missing per column that may be empty, how many rows have nothing there; columns without are left out
 * @param sums over the rows
 * @param items how many there are; their ids are 0 to one less
 * @param columns of the log
 * @param logs the Parquet files of the rows, in their order: one, or several where several workers made them
 * @param context the Parquet file of the items
 * @param rejectedRows the CSV file of the rejected rows, if there are any
 */
public record Manifest(
        int format,
        String tool,
        String behaviorPolicy,
        String campaign,
        List<StoredFile> source,
        long rows,
        long rejected,
        Map<String, Long> reasons,
        Map<String, Long> missing,
        Sums sums,
        int items,
        List<String> columns,
        List<LogFile> logs,
        StoredFile context,
        @Nullable StoredFile rejectedRows) {

    static final int FORMAT = 2;

    /**
     * Some of a log's rows.
     *
     * @param bytes its size
     * @param sha256 in hexadecimal digits
     * @param firstRow the smallest index
     * @param lastRow the largest
     */
    public record LogFile(String name, long bytes, String sha256, long rows, long firstRow, long lastRow)
            implements Serializable {

        static LogFile of(StoredFile file, long rows, Sums sums) {
            return new LogFile(file.name(), file.bytes(), file.sha256(), rows, sums.firstRow(), sums.lastRow());
        }

        StoredFile file() {
            return new StoredFile(name, bytes, sha256);
        }
    }

    /**
     * @param clicks rows with a click
     * @param propensity sum of the propensity scores
     * @param weight sum of one over them
     * @param firstRow the smallest index
     * @param lastRow the largest
     * @param from the first timestamp, ISO 8601 in UTC
     * @param to the last
     */
    public record Sums(
            long clicks, double propensity, double weight, long firstRow, long lastRow, String from, String to)
            implements Serializable {

        Sums plus(Sums other) {
            return new Sums(
                    clicks + other.clicks,
                    propensity + other.propensity,
                    weight + other.weight,
                    Math.min(firstRow, other.firstRow),
                    Math.max(lastRow, other.lastRow),
                    Instant.parse(from).isBefore(Instant.parse(other.from)) ? from : other.from,
                    Instant.parse(to).isAfter(Instant.parse(other.to)) ? to : other.to);
        }
    }

    /** What readers see of a part now. */
    static Optional<Manifest> of(Part part, Store store) {
        return Manifests.read(store, part.silver(Manifests.NAME), Manifest.class);
    }

    /** All files that it names. */
    List<StoredFile> files() {
        return Stream.of(logs.stream().map(LogFile::file), Stream.of(context), Stream.ofNullable(rejectedRows))
                .flatMap(files -> files)
                .toList();
    }
}
