package dev.bandit.pipeline.obd;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.obd.Manifest.LogFile;
import dev.bandit.pipeline.store.Store;
import java.nio.file.Path;
import java.util.List;

/**
 * A part that was ingested, ready to be read by DuckDB.
 *
 * <p>The log has the columns {@code row} (BIGINT, the log's own index), {@code timestamp} (TIMESTAMPTZ), {@code item_id} (SMALLINT),
 * {@code position} and {@code click} (TINYINT), {@code propensity_score} (DOUBLE), {@code user_feature_0} to {@code 3} (VARCHAR) and
 * {@code user_item_affinity_0} and so on, one an item (DOUBLE); the items have {@code item_id} (SMALLINT), {@code item_feature_0}
 * (DOUBLE) and {@code item_feature_1} to {@code 3} (VARCHAR). Features may be NULL, and affinities.
 *
 * @param store where it is
 */
public record Silver(Store store, Part part, Manifest manifest) {

    /** @throws CommandFailed if it was not ingested, or the store fails */
    public static Silver open(Store store, Behavior behavior, Campaign campaign) {
        Part part = new Part(behavior, campaign);
        Manifest manifest = Manifest.of(part, store)
                .orElseThrow(() -> new CommandFailed(
                        "There is no %s in %s; ./bandit ingest puts it there".formatted(part, store)));
        if (manifest.format() != Manifest.FORMAT) {
            throw new CommandFailed("%s in %s is of another version (format %d, expected %d); ingest it again"
                    .formatted(part, store, manifest.format(), Manifest.FORMAT));
        }
        return new Silver(store, part, manifest);
    }

    /** The key of a file of the log. */
    public String key(LogFile log) {
        return part.silver(log.name());
    }

    /** Parquet, rows in the order of the log; on this machine. */
    public List<Path> logs() {
        return manifest.logs().stream()
                .map(log -> store.fetch(key(log), log.file().checksum()))
                .toList();
    }

    /** Parquet, in the order of their ids; on this machine. */
    public Path items() {
        return store.fetch(
                part.silver(manifest.context().name()), manifest.context().checksum());
    }
}
