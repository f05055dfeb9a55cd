package dev.bandit.pipeline.ope;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.core.evaluation.WeightSums;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.duck.Duck.Column;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.sql.SQLException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkReader;

/**
 * A log read once: DuckDB decodes its columns in as many threads as there are processors, and each adds the rounds that it has decoded to sums of
 * {@code bandit-core}. Their counts are what the reward model learns from, and with its predictions the sums are the evaluation. Memory does not
 * depend on the number of rounds.
 */
public final class LogEvaluation {

    /** A row's bucket: bits in the middle of a product with 2^32 over the golden ratio. Up to 3,000 million rows fit. */
    private static final long SPREAD = 2_654_435_761L;

    private static final int SHIFT = 16;

    private static final List<Column> COLUMNS = List.of(
            new Column("row", DuckDBColumnType.BIGINT),
            new Column("item_id", DuckDBColumnType.SMALLINT),
            new Column("position", DuckDBColumnType.TINYINT),
            new Column("click", DuckDBColumnType.TINYINT),
            new Column("propensity_score", DuckDBColumnType.DOUBLE));

    private LogEvaluation() {}

    /**
     * @param folds of the reward model, at least 2
     * @throws CommandFailed if the log cannot be read
     */
    public static OpeOutcome of(
            Duck duck, LoggedRounds rounds, TargetPolicy target, OffPolicySettings settings, int folds) {
        // As many as were ever needed at once, which is one a thread.
        Queue<WeightSums> parts = new ConcurrentLinkedQueue<>();
        try {
            duck.scan(rounds.relation(), COLUMNS, rows -> {
                WeightSums free = parts.poll();
                WeightSums part = free == null ? sums(target, settings, folds) : free;
                add(rows, part, settings.buckets());
                parts.add(part);
            });
        } catch (SQLException e) {
            throw new CommandFailed("%s cannot be read: %s".formatted(rounds.name(), e.getMessage()), e);
        }
        WeightSums all = sums(target, settings, folds);
        parts.forEach(all::merge);
        CellRewardModel model = all.model();
        return new PolicyTable(model, target, rounds.places(), folds)
                .outcome(all.evaluation(model.predictions()), all.meanReward(), all.leastPropensity());
    }

    /** A click is 0 or 1: its own place among the rewards. */
    private static WeightSums sums(TargetPolicy target, OffPolicySettings settings, int folds) {
        return new WeightSums(settings, folds, target.probabilities(), 0, 1);
    }

    private static void add(DuckDBDataChunkReader rows, WeightSums sums, int buckets) {
        var indexes = rows.vector(0);
        var items = rows.vector(1);
        var positions = rows.vector(2);
        var clicks = rows.vector(3);
        var propensities = rows.vector(4);
        long size = rows.rowCount();
        for (long i = 0; i < size; i++) {
            sums.add(
                    bucket(indexes.getLong(i), buckets),
                    items.getShort(i),
                    positions.getByte(i) - 1,
                    clicks.getByte(i),
                    propensities.getDouble(i));
        }
    }

    private static int bucket(long row, int buckets) {
        long spread = row * SPREAD >> SHIFT;
        // Mostly a power of two, which needs no division.
        return (int) ((buckets & (buckets - 1)) == 0 ? spread & (buckets - 1) : spread % buckets);
    }
}
