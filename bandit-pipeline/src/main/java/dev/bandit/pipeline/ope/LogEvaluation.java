package dev.bandit.pipeline.ope;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.core.evaluation.WeightSums;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.duck.Duck.Column;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.ope.LoggedRounds.Piece;
import dev.bandit.pipeline.policy.TargetPolicy;
import dev.bandit.pipeline.store.Store;
import java.io.Serializable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkReader;

/**
 * A log read once, by as many workers as there are, each with slices of it: DuckDB decodes, and {@link WeightSums} add up what both the
 * reward model and the estimators need. Memory does not depend on the number of rounds.
 */
public final class LogEvaluation {

    /** For each worker, so that none waits long for the last one. */
    private static final int SLICES = 2;

    /** A row's bucket: bits in the middle of a product with 2^32 over the golden ratio. Up to 3,000 million rows fit. */
    private static final long SPREAD = 2_654_435_761L;

    private static final int SHIFT = 16;

    /** A click is 0 or 1: its own place among the rewards. */
    private static final double[] REWARDS = {0, 1};

    private static final List<Column> COLUMNS = List.of(
            new Column("row", DuckDBColumnType.BIGINT),
            new Column("item_id", DuckDBColumnType.SMALLINT),
            new Column("position", DuckDBColumnType.TINYINT),
            new Column("click", DuckDBColumnType.TINYINT),
            new Column("propensity_score", DuckDBColumnType.DOUBLE));

    private LogEvaluation() {}

    /**
     * Rounds that one worker reads.
     *
     * @param from the first index
     * @param to the one after the last
     */
    private record Slice(Piece piece, long from, long to) implements Serializable {

        double[] sums(TargetPolicy target, OffPolicySettings settings, int folds) {
            WeightSums sums = new WeightSums(settings, folds, target.probabilities(), REWARDS);
            try (Store store = Store.open(piece.store());
                    // One thread: other slices have the others.
                    Duck duck = Duck.open(store.scratch(), 1)) {
                duck.scan(
                        "%s WHERE \"row\" >= %d AND \"row\" < %d".formatted(piece.relation(store), from, to),
                        COLUMNS,
                        rows -> add(rows, sums, settings.buckets()));
                return sums.state();
            } catch (SQLException e) {
                throw new CommandFailed(
                        "%s in %s cannot be read: %s".formatted(piece.key(), piece.store(), e.getMessage()), e);
            }
        }
    }

    /**
     * @param folds of the reward model, at least 2
     * @throws CommandFailed if the log cannot be read
     */
    public static OpeOutcome of(
            Engine engine, LoggedRounds rounds, TargetPolicy target, OffPolicySettings settings, int folds) {
        SentSettings sent = SentSettings.of(settings);
        WeightSums all = new WeightSums(settings, folds, target.probabilities(), REWARDS);
        for (double[] part : engine.map(
                slices(rounds, engine.workers() * SLICES), slice -> slice.sums(target, sent.settings(), folds))) {
            all.merge(WeightSums.of(settings, folds, target.probabilities(), REWARDS, part));
        }
        CellRewardModel model = all.model();
        return OpeOutcome.of(
                all.evaluation(model.predictions()), model, target, all.meanReward(), all.leastPropensity());
    }

    /** Of about the same number of rounds, some more than there should be where there are many pieces. */
    private static List<Slice> slices(LoggedRounds rounds, int wanted) {
        long all = rounds.pieces().stream()
                .mapToLong(piece -> piece.lastRow() - piece.firstRow() + 1)
                .sum();
        List<Slice> slices = new ArrayList<>();
        for (Piece piece : rounds.pieces()) {
            long size = piece.lastRow() - piece.firstRow() + 1;
            long step = Math.ceilDiv(size, Math.ceilDiv(size * wanted, all));
            for (long from = piece.firstRow(); from <= piece.lastRow(); from += step) {
                slices.add(new Slice(piece, from, Math.min(from + step, piece.lastRow() + 1)));
            }
        }
        return slices;
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
