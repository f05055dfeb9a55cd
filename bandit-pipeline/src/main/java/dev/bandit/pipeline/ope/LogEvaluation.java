package dev.bandit.pipeline.ope;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicyEvaluation;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.duck.Duck.Chunks;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.ope.LoggedRounds.Piece;
import dev.bandit.pipeline.policy.TargetPolicy;
import dev.bandit.pipeline.store.Store;
import java.io.Serializable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBDataChunkReader;

/**
 * A log read twice: DuckDB counts rewards by fold, arm and position, from which the reward model predicts; then every round is added to the
 * accumulators of {@code bandit-core}. Each time by as many workers as there are, each with slices of the log. Memory does not depend on
 * the number of rounds.
 */
public final class LogEvaluation {

    /** For each worker, so that none waits long for the last one. */
    private static final int SLICES = 8;

    /** A row's bucket: bits in the middle of a product with 2^32 over the golden ratio. Up to 3,000 million rows fit. */
    private static final long SPREAD = 2_654_435_761L;

    private static final int SHIFT = 16;

    private LogEvaluation() {}

    /** What a slice teaches, as numbers: the reward model, rewards and rounds, and the smallest propensity. */
    private record Lesson(double[] model, double reward, double count, double least) implements Serializable {}

    /**
     * Rounds that one worker reads.
     *
     * @param from the first index
     * @param to the one after the last
     */
    private record Slice(Piece piece, long from, long to) implements Serializable {

        private static String bucket(int buckets) {
            return "((\"row\" * %d) >> %d) %% %d".formatted(SPREAD, SHIFT, buckets);
        }

        private String rows(Store store) {
            return "FROM %s WHERE \"row\" >= %d AND \"row\" < %d".formatted(piece.relation(store), from, to);
        }

        Lesson learn(int arms, int places, int folds, int buckets) {
            CellRewardModel model = new CellRewardModel(arms, places, folds);
            // Rewards, rounds, the smallest propensity.
            double[] sums = {0, 0, 1};
            try (Store store = Store.open(piece.store());
                    Duck duck = Duck.here()) {
                duck.query("""
                        SELECT (%s) %% %d AS fold, item_id, position, click, count(*), min(propensity_score)
                        %s GROUP BY ALL ORDER BY ALL""".formatted(bucket(buckets), folds, rows(store)), rows -> {
                    while (rows.next()) {
                        long equal = rows.getLong(5);
                        model.add(rows.getInt(1), rows.getInt(2), rows.getInt(3) - 1, rows.getDouble(4), equal);
                        sums[0] += rows.getDouble(4) * equal;
                        sums[1] += equal;
                        sums[2] = Math.min(sums[2], rows.getDouble(6));
                    }
                });
            } catch (SQLException e) {
                throw unreadable(e);
            }
            return new Lesson(model.state(), sums[0], sums[1], sums[2]);
        }

        double[] evaluate(PolicyTable table, OffPolicySettings settings) {
            OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
            try (Store store = Store.open(piece.store());
                    Duck duck = Duck.here()) {
                Chunks add = rows -> add(rows, table, evaluation);
                duck.chunks(
                        "SELECT (%s)::INTEGER, item_id, position, click, propensity_score %s"
                                .formatted(bucket(settings.buckets()), rows(store)),
                        add);
            } catch (SQLException e) {
                throw unreadable(e);
            }
            return evaluation.state();
        }

        private CommandFailed unreadable(SQLException e) {
            return new CommandFailed(
                    "%s in %s cannot be read: %s".formatted(piece.key(), piece.store(), e.getMessage()), e);
        }

        private static void add(DuckDBDataChunkReader rows, PolicyTable table, OffPolicyEvaluation evaluation) {
            var buckets = rows.vector(0);
            var items = rows.vector(1);
            var positions = rows.vector(2);
            var clicks = rows.vector(3);
            var propensities = rows.vector(4);
            long size = rows.rowCount();
            for (long i = 0; i < size; i++) {
                table.add(
                        evaluation,
                        buckets.getInt(i),
                        items.getShort(i),
                        positions.getByte(i) - 1,
                        clicks.getByte(i),
                        propensities.getDouble(i));
            }
        }
    }

    /**
     * @param folds of the reward model, at least 2
     * @throws CommandFailed if the log cannot be read
     */
    public static OpeOutcome of(
            Engine engine, LoggedRounds rounds, TargetPolicy target, OffPolicySettings settings, int folds) {
        int arms = rounds.arms().size();
        int places = rounds.places();
        List<Slice> slices = slices(rounds, engine.workers() * SLICES);
        CellRewardModel model = new CellRewardModel(arms, places, folds);
        CompensatedSums rewards = new CompensatedSums(1);
        double count = 0;
        double least = 1;
        for (Lesson lesson : engine.map(slices, slice -> slice.learn(arms, places, folds, settings.buckets()))) {
            model.merge(CellRewardModel.of(arms, places, folds, lesson.model()));
            rewards.add(0, lesson.reward());
            count += lesson.count();
            least = Math.min(least, lesson.least());
        }
        PolicyTable table = new PolicyTable(model, target, places, folds);
        OffPolicyEvaluation all = new OffPolicyEvaluation(settings);
        for (double[] part : engine.map(slices, slice -> slice.evaluate(table, settings))) {
            all.merge(OffPolicyEvaluation.of(settings, part));
        }
        return table.outcome(all, rewards.get(0) / count, least);
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
}
