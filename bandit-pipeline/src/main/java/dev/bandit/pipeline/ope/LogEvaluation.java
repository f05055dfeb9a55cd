package dev.bandit.pipeline.ope;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.Bounds;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.OffPolicyEvaluation;
import dev.bandit.core.evaluation.OffPolicyResult;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.duckdb.DuckDBDataChunkReader;

/**
 * A log read twice: DuckDB counts rewards by fold, arm and position, from which the reward model predicts; then every round is added to the
 * accumulators of {@code bandit-core}, by as many threads as there are processors, each with slices of the log. Memory does not depend on the
 * number of rounds.
 */
public final class LogEvaluation {

    /** For each thread, so that none waits long for the last one. */
    private static final int SLICES = 8;

    /** A row's bucket: bits in the middle of a product with 2^32 over the golden ratio. Up to 3,000 million rows fit. */
    private static final long SPREAD = 2_654_435_761L;

    private static final int SHIFT = 16;

    private final LoggedRounds rounds;
    private final TargetPolicy target;
    private final OffPolicySettings settings;
    private final int folds;
    private final CellRewardModel model;
    private double least = 1;
    private double reward;
    private double count;

    private LogEvaluation(LoggedRounds rounds, TargetPolicy target, OffPolicySettings settings, int folds) {
        this.rounds = rounds;
        this.target = target;
        this.settings = settings;
        this.folds = folds;
        this.model = new CellRewardModel(rounds.arms().size(), rounds.places(), folds);
    }

    /**
     * What came of it.
     *
     * @param untried see {@link CellRewardModel#untried}
     * @param onPolicy the mean reward of the policy that decided; NaN without rounds
     * @param bounds of every round, by the smallest propensity on record
     */
    public record Outcome(OffPolicyResult result, double untried, double onPolicy, Bounds bounds) {}

    /**
     * @param folds of the reward model, at least 2
     * @throws CommandFailed if the log cannot be read
     */
    public static Outcome of(
            Duck duck, LoggedRounds rounds, TargetPolicy target, OffPolicySettings settings, int folds) {
        try {
            LogEvaluation evaluation = new LogEvaluation(rounds, target, settings, folds);
            evaluation.learn(duck);
            return evaluation.evaluate(duck);
        } catch (SQLException e) {
            throw new CommandFailed("%s cannot be read: %s".formatted(rounds.name(), e.getMessage()), e);
        }
    }

    private String bucket() {
        return "((\"row\" * %d) >> %d) %% %d".formatted(SPREAD, SHIFT, settings.buckets());
    }

    private void learn(Duck duck) throws SQLException {
        String sql = """
                SELECT (%s) %% %d AS fold, item_id, position, click, count(*), min(propensity_score)
                FROM %s GROUP BY ALL ORDER BY ALL""".formatted(bucket(), folds, rounds.relation());
        duck.query(sql, rows -> {
            while (rows.next()) {
                long equal = rows.getLong(5);
                model.add(rows.getInt(1), rows.getInt(2), rows.getInt(3) - 1, rows.getDouble(4), equal);
                least = Math.min(least, rows.getDouble(6));
                reward += rows.getDouble(4) * equal;
                count += equal;
            }
        });
    }

    private Outcome evaluate(Duck duck) throws SQLException {
        Table table = new Table();
        int threads = Runtime.getRuntime().availableProcessors();
        List<Future<OffPolicyEvaluation>> parts = new ArrayList<>();
        OffPolicyEvaluation all = new OffPolicyEvaluation(settings);
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            long size = Math.ceilDiv(rounds.lastRow() - rounds.firstRow() + 1, (long) threads * SLICES);
            for (long from = rounds.firstRow(); from <= rounds.lastRow(); from += size) {
                long first = from;
                parts.add(pool.submit(() -> slice(duck, table, first, first + size)));
            }
            for (Future<OffPolicyEvaluation> part : parts) {
                all.merge(part.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("Interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            throw new CommandFailed("%s cannot be evaluated: %s".formatted(rounds.name(), e.getCause()), e);
        }
        double most = Arrays.stream(target.probabilities())
                .flatMapToDouble(Arrays::stream)
                .max()
                .orElse(1);
        return new Outcome(
                all.result(), model.untried(target.probabilities()), reward / count, new Bounds(0, 1, most / least));
    }

    private OffPolicyEvaluation slice(Duck duck, Table table, long from, long to) throws SQLException {
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(settings);
        try (Duck own = duck.another()) {
            own.chunks("""
                    SELECT (%s)::INTEGER, item_id, position, click, propensity_score
                    FROM %s WHERE "row" >= %d AND "row" < %d""".formatted(bucket(), rounds.relation(), from, to), rows -> table.add(rows, evaluation));
        }
        return evaluation;
    }

    /** What does not depend on the round, looked up instead of computed. */
    private final class Table {

        private final int arms = rounds.arms().size();
        private final double[] predicted = new double[folds * rounds.places() * arms];
        private final double[] expected = new double[folds * rounds.places()];
        private final double[] probability = new double[rounds.places() * arms];

        Table() {
            CellRewardModel.Predictions predictions = model.predictions();
            for (int place = 0; place < rounds.places(); place++) {
                for (int arm = 0; arm < arms; arm++) {
                    // Above 1 by rounding only.
                    probability[place * arms + arm] = Math.min(1, target.probability(arm, place));
                }
                for (int fold = 0; fold < folds; fold++) {
                    int at = fold * rounds.places() + place;
                    expected[at] = predictions.expected(fold, place, target.probabilities()[place]);
                    for (int arm = 0; arm < arms; arm++) {
                        predicted[at * arms + arm] = predictions.predicted(fold, arm, place);
                    }
                }
            }
        }

        void add(DuckDBDataChunkReader rows, OffPolicyEvaluation evaluation) {
            var buckets = rows.vector(0);
            var items = rows.vector(1);
            var positions = rows.vector(2);
            var clicks = rows.vector(3);
            var propensities = rows.vector(4);
            long size = rows.rowCount();
            for (long i = 0; i < size; i++) {
                int bucket = buckets.getInt(i);
                int arm = items.getShort(i);
                int place = positions.getByte(i) - 1;
                int at = (bucket % folds) * rounds.places() + place;
                evaluation.add(
                        bucket,
                        clicks.getByte(i),
                        propensities.getDouble(i),
                        probability[place * arms + arm],
                        predicted[at * arms + arm],
                        expected[at],
                        1);
            }
        }
    }
}
