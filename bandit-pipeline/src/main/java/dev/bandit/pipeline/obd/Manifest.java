package dev.bandit.pipeline.obd;

import dev.bandit.pipeline.store.Manifests;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.store.StoredFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * @param log the Parquet file of the rows
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
        StoredFile log,
        StoredFile context,
        @Nullable StoredFile rejectedRows) {

    static final int FORMAT = 1;

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
            long clicks, double propensity, double weight, long firstRow, long lastRow, String from, String to) {}

    /** What readers see of a part now. */
    static Optional<Manifest> of(Part part, Store store) {
        return Manifests.read(store, part.silver(Manifests.NAME), Manifest.class);
    }

    /** All files that it names. */
    List<StoredFile> files() {
        return rejectedRows == null ? List.of(log, context) : List.of(log, context, rejectedRows);
    }
}
