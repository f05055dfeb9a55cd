package dev.bandit.pipeline.ope;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.store.Checksum;
import dev.bandit.pipeline.store.Store;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A log of rounds that DuckDB reads.
 *
 * @param name for people
 * @param pieces at least one
 * @param arms their names, by {@code item_id}
 * @param places how many positions there are
 */
public record LoggedRounds(String name, List<Piece> pieces, List<String> arms, int places) {

    private static final int POSITIONS = 3;

    /**
     * Some of the rounds, wherever they are read.
     *
     * @param store as {@link Store#open} wants to be told
     * @param key of a Parquet file there
     * @param position only the rounds there, from 1; 0: all
     * @param firstRow the smallest index
     * @param lastRow the largest
     */
    public record Piece(String store, String key, Checksum checksum, int position, long firstRow, long lastRow)
            implements Serializable {

        /**
         * What SQL selects from: {@code row} (BIGINT), {@code item_id} (SMALLINT, from 0), {@code position} (TINYINT, from 1),
         * {@code click} (TINYINT) and {@code propensity_score} (DOUBLE).
         *
         * @param open the store
         */
        String relation(Store open) {
            String file =
                    "read_parquet(%s, hive_partitioning = false)".formatted(Duck.quoted(open.fetch(key, checksum)));
            return position == 0
                    ? file
                    : "(SELECT \"row\", item_id, 1::TINYINT AS position, click, propensity_score FROM %s WHERE position = %d)"
                            .formatted(file, position);
        }
    }

    public static LoggedRounds of(Silver silver) {
        return new LoggedRounds(
                silver.manifest().behaviorPolicy() + "/" + silver.manifest().campaign(),
                silver.manifest().logs().stream()
                        .map(log -> new Piece(
                                silver.store().toString(),
                                silver.key(log),
                                new Checksum(log.bytes(), log.sha256()),
                                0,
                                log.firstRow(),
                                log.lastRow()))
                        .toList(),
                IntStream.range(0, silver.manifest().items())
                        .mapToObj(Integer::toString)
                        .toList(),
                POSITIONS);
    }

    /** Of the retail dataset: the arms are the categories, and there is one position. */
    public static LoggedRounds of(dev.bandit.pipeline.retail.Silver silver) {
        return new LoggedRounds(
                dev.bandit.pipeline.retail.Silver.NAME,
                List.of(new Piece(
                        silver.store().toString(),
                        silver.key(),
                        silver.manifest().log().checksum(),
                        0,
                        0,
                        silver.manifest().baskets() - 1)),
                silver.categories(),
                1);
    }

    /**
     * The rounds of one position alone, as a log of a single one.
     *
     * @param position from 1
     * @throws CommandFailed if there is no such position
     */
    public LoggedRounds at(int position) {
        if (position > places) {
            throw new CommandFailed("%s has no position %d, only %d".formatted(name, position, places));
        }
        return new LoggedRounds(
                name + ", position " + position,
                pieces.stream()
                        .map(piece -> new Piece(
                                piece.store, piece.key, piece.checksum, position, piece.firstRow, piece.lastRow))
                        .toList(),
                arms,
                1);
    }

    /** All pieces, as {@link Piece#relation} has each. */
    public String relation(Store open) {
        return pieces.size() == 1
                ? pieces.getFirst().relation(open)
                : pieces.stream()
                        .map(piece -> "FROM " + piece.relation(open))
                        .collect(Collectors.joining(" UNION ALL ", "(", ")"));
    }

    /** The smallest index. */
    public long firstRow() {
        return pieces.stream().mapToLong(Piece::firstRow).min().orElseThrow();
    }

    /** The largest. */
    public long lastRow() {
        return pieces.stream().mapToLong(Piece::lastRow).max().orElseThrow();
    }
}
