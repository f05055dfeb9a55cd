package dev.bandit.pipeline.retail;

import dev.bandit.pipeline.store.Manifests;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.store.StoredFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What silver is: the last of its files to be written, and the only one that readers look for. The same workbook and seed give the same
 * manifest.
 *
 * @param format of the files, and of the rules by which they are made; another one is made anew
 * @param tool the version that wrote it
 * @param seed of the category that each basket was asked about
 * @param source the workbook as received
 * @param lines of invoices, each once
 * @param repeated lines of the second sheet that the first has too, left out
 * @param rejected rows left out
 * @param reasons why, with how many each
 * @param missing per column that may be empty, how many lines have nothing there; columns without are left out
 * @param kinds how many lines are of which kind
 * @param cancelledLines purchases of which nothing is left
 * @param cancelledInvoices invoices of which nothing is left
 * @param baskets of which something is left, which is the rounds of the log
 * @param clicks rounds with a click
 * @param from the first basket, ISO 8601
 * @param to the last
 * @param clickRates of each category, in the order of {@code item_id}
 * @param linesFile Parquet
 * @param log Parquet
 * @param clickRatesFile CSV
 * @param rejectedRows the CSV file of the rejected rows, if there are any
 */
public record Manifest(
        int format,
        String tool,
        long seed,
        List<StoredFile> source,
        long lines,
        long repeated,
        long rejected,
        Map<String, Long> reasons,
        Map<String, Long> missing,
        Map<String, Long> kinds,
        long cancelledLines,
        long cancelledInvoices,
        long baskets,
        long clicks,
        String from,
        String to,
        List<ClickRate> clickRates,
        StoredFile linesFile,
        StoredFile log,
        StoredFile clickRatesFile,
        @Nullable StoredFile rejectedRows) {

    static final int FORMAT = 1;

    /**
     * What all baskets say about a category.
     *
     * @param baskets all of them
     * @param clicks those that hold something of it
     * @param rate clicks by baskets
     */
    public record ClickRate(String category, long baskets, long clicks, double rate) {}

    /** What readers see now. */
    static Optional<Manifest> of(Store store) {
        return Manifests.read(store, Silver.FOLDER + Manifests.NAME, Manifest.class);
    }

    /** All files that it names. */
    List<StoredFile> files() {
        return Stream.concat(Stream.of(linesFile, log, clickRatesFile), Stream.ofNullable(rejectedRows))
                .toList();
    }
}
