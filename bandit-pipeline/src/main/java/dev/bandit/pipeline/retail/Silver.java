package dev.bandit.pipeline.retail;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.store.Store;
import java.nio.file.Path;
import java.util.List;

/**
 * The dataset after it was ingested, ready to be read by DuckDB.
 *
 * <p>The log has a row for each basket, in the order of time: {@code row} (BIGINT, from 0), {@code timestamp} (TIMESTAMPTZ, what the clock
 * of the shop said, taken as UTC), {@code item_id} (SMALLINT, the category asked about, from 0), {@code position} (TINYINT, always 1),
 * {@code click} (TINYINT, whether the basket holds something of it), {@code propensity_score} (DOUBLE, one over the number of
 * categories) and {@code invoice} (VARCHAR).
 *
 * @param store where it is
 */
public record Silver(Store store, Manifest manifest) {

    /** What the dataset is called. */
    public static final String NAME = "online-retail";

    static final String FOLDER = "bandit/silver/online-retail/";

    /** @throws CommandFailed if it was not ingested, or the store fails */
    public static Silver open(Store store) {
        Manifest manifest = Manifest.of(store)
                .orElseThrow(() -> new CommandFailed(
                        "There is no %s in %s; ./bandit ingest --dataset %1$s puts it there".formatted(NAME, store)));
        if (manifest.format() != Manifest.FORMAT) {
            throw new CommandFailed("%s in %s is of another version (format %d, expected %d); ingest it again"
                    .formatted(NAME, store, manifest.format(), Manifest.FORMAT));
        }
        return new Silver(store, manifest);
    }

    /** The key of the log, which is Parquet. */
    public String key() {
        return FOLDER + manifest.log().name();
    }

    /** The log on this machine. */
    public Path log() {
        return store.fetch(key(), manifest.log().checksum());
    }

    /** The categories, by {@code item_id}. */
    public List<String> categories() {
        return manifest.clickRates().stream().map(Manifest.ClickRate::category).toList();
    }
}
