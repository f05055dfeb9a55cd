package dev.bandit.pipeline.ope;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.obd.Silver;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A log of rounds that DuckDB reads.
 *
 * @param name for people
 * @param relation what SQL selects from: {@code row} (BIGINT), {@code item_id} (SMALLINT, from 0), {@code position} (TINYINT, from 1),
 *     {@code click} (TINYINT) and {@code propensity_score} (DOUBLE)
 * @param firstRow the smallest of {@code row}
 * @param lastRow the largest
 * @param arms their names, by {@code item_id}
 * @param places how many positions there are
 */
public record LoggedRounds(String name, String relation, long firstRow, long lastRow, List<String> arms, int places) {

    private static final int POSITIONS = 3;

    public static LoggedRounds of(Silver silver) {
        return new LoggedRounds(
                silver.manifest().behaviorPolicy() + "/" + silver.manifest().campaign(),
                "read_parquet(" + Duck.quoted(silver.log()) + ")",
                silver.manifest().sums().firstRow(),
                silver.manifest().sums().lastRow(),
                IntStream.range(0, silver.manifest().items())
                        .mapToObj(Integer::toString)
                        .toList(),
                POSITIONS);
    }

    /** Of the retail dataset: the arms are the categories, and there is one position. */
    public static LoggedRounds of(dev.bandit.pipeline.retail.Silver silver) {
        return new LoggedRounds(
                dev.bandit.pipeline.retail.Silver.NAME,
                "read_parquet(" + Duck.quoted(silver.log()) + ")",
                0,
                silver.manifest().baskets() - 1,
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
                "(SELECT \"row\", item_id, 1::TINYINT AS position, click, propensity_score FROM %s WHERE position = %d)"
                        .formatted(relation, position),
                firstRow,
                lastRow,
                arms,
                1);
    }
}
