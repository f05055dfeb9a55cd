package dev.bandit.pipeline.replay;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.Replay;
import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.core.policy.Arms;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.store.Store;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.commons.rng.simple.RandomSource;

/**
 * All runs of a replay in one pass over the log, in its order: a slice of it is read, every run takes the slice, then the next one is read.
 * So memory does not depend on the number of rounds, and what a run does not on the number of threads: each has its own generator.
 *
 * <p>A round is a single choice, whatever its position: positions are given without regard to the arm or to what was learned, so that they
 * belong to the chance in a reward.
 */
public final class LogReplay {

    /** Fewer decisions say nothing of what a policy learns. */
    private static final long FEWEST = 100;

    /** Of a slice: some ten megabytes. */
    private static final long ROWS = 1 << 20;

    /** Of the curves. */
    private static final int POINTS = 200;

    private final LoggedRounds rounds;
    private final String relation;
    private final ReplaySettings settings;
    private final long[] shown;
    private long clicks;
    private long count;
    private double least = 1;
    private double most;

    private LogReplay(LoggedRounds rounds, String relation, ReplaySettings settings) {
        this.rounds = rounds;
        this.relation = relation;
        this.settings = settings;
        shown = new long[rounds.arms().size()];
    }

    /**
     * @throws CommandFailed if the log cannot be read; with {@link CommandFailed#CANNOT_ANSWER} if an arm was never shown, or a run accepts
     *     fewer than 100 rounds
     */
    public static ReplayReport of(Duck duck, Store store, LoggedRounds rounds, ReplaySettings settings) {
        try {
            LogReplay replay = new LogReplay(rounds, rounds.relation(store), settings);
            replay.look(duck);
            return replay.play(duck);
        } catch (SQLException e) {
            throw new CommandFailed("%s cannot be read: %s".formatted(rounds.name(), e.getMessage()), e);
        }
    }

    private void look(Duck duck) throws SQLException {
        String sql = """
                SELECT item_id, count(*), sum(click)::BIGINT, min(propensity_score), max(propensity_score)
                FROM %s GROUP BY item_id""".formatted(relation);
        duck.query(sql, rows -> {
            while (rows.next()) {
                shown[rows.getInt(1)] = rows.getLong(2);
                count += rows.getLong(2);
                clicks += rows.getLong(3);
                least = Math.min(least, rows.getDouble(4));
                most = Math.max(most, rows.getDouble(5));
            }
        });
        for (int arm = 0; arm < shown.length; arm++) {
            if (shown[arm] == 0) {
                throw cannotAnswer(String.format(
                        Locale.ROOT,
                        "arm %s was never shown in the %,d rounds of %s, so that no replay can choose it.",
                        rounds.arms().get(arm),
                        count,
                        rounds.name()));
            }
        }
    }

    private ReplayReport play(Duck duck) throws SQLException {
        List<Replay> runs = runs();
        CompensatedSums weights = new CompensatedSums(2 * shown.length);
        long slices = Math.ceilDiv(count, ROWS);
        long size = Math.ceilDiv(rounds.lastRow() - rounds.firstRow() + 1, slices);
        Slice slice = new Slice();
        try (ExecutorService pool = Executors.newFixedThreadPool(
                Math.min(settings.seeds(), Runtime.getRuntime().availableProcessors()))) {
            for (long from = rounds.firstRow(); from <= rounds.lastRow(); from += size) {
                slice.read(duck, from, from + size);
                List<Callable<Void>> turns = new ArrayList<>();
                for (Replay run : runs) {
                    turns.add(() -> {
                        slice.offerTo(run);
                        return null;
                    });
                }
                List<Future<Void>> taken = pool.invokeAll(turns);
                slice.weigh(weights);
                for (Future<Void> turn : taken) {
                    turn.get();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("Interrupted", e);
        } catch (ExecutionException e) {
            throw new CommandFailed("%s cannot be replayed: %s".formatted(rounds.name(), e.getCause()), e);
        }
        long fewest = runs.stream().mapToLong(Replay::accepted).min().orElse(0);
        if (fewest < FEWEST) {
            throw cannotAnswer(String.format(
                    Locale.ROOT,
                    "of the %,d rounds of %s a run accepts %,d, expected %,d at least; by the smallest propensity, one in %,.0f is.",
                    count,
                    rounds.name(),
                    fewest,
                    FEWEST,
                    1 / least));
        }
        return ReplayReport.of(
                rounds, settings, new ReplayReport.Log(count, clicks, least, most, means(weights)), runs);
    }

    private static CommandFailed cannotAnswer(String why) {
        return CommandFailed.cannotAnswer("These logs cannot answer this: " + why);
    }

    private List<Replay> runs() {
        double[] alpha = new double[shown.length];
        double[] beta = new double[shown.length];
        Arrays.fill(alpha, settings.prior().alpha());
        Arrays.fill(beta, settings.prior().beta());
        long[] points = points();
        return new SplittableRandom(settings.seed())
                .longs(settings.seeds())
                .mapToObj(own -> new Replay(
                        settings.learning(),
                        Arms.of(alpha, beta),
                        least,
                        RandomSource.XO_SHI_RO_256_PP.create(own),
                        points))
                .toList();
    }

    /** Evenly, until what no run reaches: each round is accepted with the probability {@code least}. */
    private long[] points() {
        double expected = count * least;
        long step = Math.max(1, Math.round(expected / POINTS));
        return LongStream.rangeClosed(1, (long) ((expected + 10 * Math.sqrt(expected)) / step) + 1)
                .map(point -> point * step)
                .toArray();
    }

    /** Of each arm, as if it had been shown in all rounds: rewards over propensity, by the sum of one over propensity. */
    private double[] means(CompensatedSums weights) {
        double[] means = new double[shown.length];
        for (int arm = 0; arm < means.length; arm++) {
            means[arm] = weights.get(2 * arm) / weights.get(2 * arm + 1);
        }
        return means;
    }

    /** Some consecutive rounds. */
    private final class Slice {

        private short[] arms = {};
        private byte[] rewards = {};
        private double[] propensities = {};
        private int size;

        void read(Duck duck, long from, long to) throws SQLException {
            size = 0;
            duck.chunks("""
                    SELECT item_id, click, propensity_score FROM %s
                    WHERE "row" >= %d AND "row" < %d ORDER BY "row\"""".formatted(relation, from, to), rows -> {
                int more = Math.toIntExact(rows.rowCount());
                if (size + more > arms.length) {
                    int enough = Math.max(size + more, 2 * arms.length);
                    arms = Arrays.copyOf(arms, enough);
                    rewards = Arrays.copyOf(rewards, enough);
                    propensities = Arrays.copyOf(propensities, enough);
                }
                var items = rows.vector(0);
                var clicked = rows.vector(1);
                var scores = rows.vector(2);
                for (int i = 0; i < more; i++) {
                    arms[size] = items.getShort(i);
                    rewards[size] = clicked.getByte(i);
                    propensities[size] = scores.getDouble(i);
                    size++;
                }
            });
        }

        void offerTo(Replay run) {
            for (int i = 0; i < size; i++) {
                run.offer(arms[i], propensities[i], rewards[i]);
            }
        }

        void weigh(CompensatedSums weights) {
            for (int i = 0; i < size; i++) {
                weights.add(2 * arms[i], rewards[i] / propensities[i]);
                weights.add(2 * arms[i] + 1, 1 / propensities[i]);
            }
        }
    }
}
