package dev.bandit.pipeline.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.Learning;
import dev.bandit.core.evaluation.Replay;
import dev.bandit.core.policy.Arms;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.ope.LoggedRounds.Piece;
import dev.bandit.pipeline.policy.PolicyName;
import dev.bandit.pipeline.store.Checksum;
import dev.bandit.pipeline.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs of three arms, which DuckDB makes up. Seeds are fixed; the bounds by chance are five standard errors, exceeded once in 1.7 million. */
class LogReplayTest {

    private static final double[] RATES = {0.2, 0.5, 0.8};
    private static final double[] UNEVEN = {0.6, 0.3, 0.1};

    @TempDir
    private Path folder;

    private Store store;
    private Duck duck;

    @BeforeEach
    void open() {
        store = Store.open(folder.toString());
        duck = Duck.open(folder.resolve("aside"));
    }

    @AfterEach
    void close() {
        duck.close();
        store.close();
    }

    /** In an order that is not that of its rows. */
    private LoggedRounds log(long rows, double... propensities) throws SQLException, IOException {
        duck.run("SELECT setseed(0.5)");
        duck.run("SET threads = 1");
        duck.run("""
                CREATE OR REPLACE TABLE log AS
                SELECT "row", item_id, 1::TINYINT AS position,
                    (random() < [%s][item_id + 1])::TINYINT AS click, ([%s][item_id + 1])::DOUBLE AS propensity_score
                FROM (SELECT "row", CASE WHEN u < %s THEN 0 WHEN u < %s THEN 1 ELSE 2 END::SMALLINT AS item_id
                    FROM (SELECT range + 5 AS "row", random() AS u FROM range(%d)))
                ORDER BY hash("row")""".formatted(
                        list(RATES), list(propensities), propensities[0], propensities[0] + propensities[1], rows));
        Path file = folder.resolve("log.parquet");
        duck.run("COPY log TO " + Duck.quoted(file) + " (FORMAT parquet)");
        Piece piece = new Piece(folder.toString(), "log.parquet", Checksum.of(file), 0, 5, rows + 4);
        return new LoggedRounds("made/up", List.of(piece), List.of("a", "b", "c"), 1);
    }

    private static String list(double[] values) {
        return String.join(
                ", ", Arrays.stream(values).mapToObj(Double::toString).toList());
    }

    private static ReplaySettings settings(PolicyName policy, int batch, int delay, int seeds) {
        return new ReplaySettings(policy, 0.1, 0, batch, delay, new BetaPosterior(1, 1), seeds, 7);
    }

    @Test
    void a_fixed_split_earns_what_it_would_have_on_an_uneven_log() throws SQLException, IOException {
        ReplayReport report = LogReplay.of(duck, store, log(100_000, UNEVEN), settings(PolicyName.fixed, 1, 0, 8));
        assertThat(report.leastPropensity()).isEqualTo(0.1);
        assertThat(report.evenPropensities()).isFalse();
        for (ReplayReport.Run run : report.runs()) {
            assertThat(run.accepted() / 100_000.0).isCloseTo(0.1, within(5 * Math.sqrt(0.1 * 0.9 / 100_000)));
            assertThat(run.reward()).isCloseTo(0.5, within(5 * Math.sqrt(0.25 / run.accepted())));
            assertThat(run.log().low()).isLessThan(run.reward());
        }
        assertThat(report.loggedReward()).isCloseTo(0.35, within(5 * Math.sqrt(0.35 * 0.65 / 100_000)));
        assertThat(report.bestArm().arm()).isEqualTo("c");
        assertThat(report.bestArm().reward()).isCloseTo(0.8, within(5 * Math.sqrt(0.16 / 10_000)));
        // 0.3 a decision: rewards have a standard deviation of 0.5.
        assertThat(report.regret().mean())
                .isCloseTo(
                        0.3 * report.horizon(),
                        within(5 * 0.5 * Math.sqrt(report.horizon()) + 0.02 * report.horizon()));
    }

    @Test
    void thompson_sampling_finds_the_best_arm() throws SQLException, IOException {
        LoggedRounds log = log(30_000, 1 / 3.0, 1 / 3.0, 1 / 3.0);
        ReplayReport thompson = LogReplay.of(duck, store, log, settings(PolicyName.thompson, 20, 0, 4));
        assertThat(thompson.evenPropensities()).isTrue();
        assertThat(thompson.matchRate().mean()).isCloseTo(1 / 3.0, within(5 * Math.sqrt(2 / 9.0 / 30_000)));
        // Of some 10,000 decisions it loses 0.3 at some tens; chance moves a run's sum by 40.
        assertThat(thompson.reward().mean()).isGreaterThan(0.8 - 5 * 0.004 - 0.01);
        ReplayReport late = LogReplay.of(duck, store, log, settings(PolicyName.thompson, 20, 3_000, 4));
        // 3,000 decisions at random cost 900 rewards.
        assertThat(late.regret().mean()).isGreaterThan(thompson.regret().mean() + 700);
    }

    @Test
    void who_learns_after_the_end_has_learned_nothing() throws SQLException, IOException {
        LoggedRounds log = log(3_000, 1 / 3.0, 1 / 3.0, 1 / 3.0);
        ReplayReport fixed = LogReplay.of(duck, store, log, settings(PolicyName.fixed, 1, 0, 3));
        assertThat(LogReplay.of(duck, store, log, settings(PolicyName.thompson, 1_000_000, 0, 3))
                        .runs())
                .isEqualTo(fixed.runs());
        assertThat(LogReplay.of(duck, store, log, settings(PolicyName.thompson, 1, 1_000_000, 3))
                        .runs())
                .isEqualTo(fixed.runs());
    }

    /** More rounds than are read at once. */
    @Test
    void a_run_takes_the_rounds_in_their_order_and_knows_of_no_other_run() throws SQLException, IOException {
        LoggedRounds log = log(1_200_000, UNEVEN);
        ReplaySettings settings = settings(PolicyName.thompson, 50, 100, 3);
        ReplayReport report = LogReplay.of(duck, store, log, settings);
        long[] seeds = new SplittableRandom(settings.seed()).longs(3).toArray();
        double[] ones = {1, 1, 1};
        for (int i = 0; i < 3; i++) {
            Replay run = new Replay(
                    new Learning(new Thompson(), 0, 50, 100),
                    Arms.of(ones, ones),
                    0.1,
                    RandomSource.XO_SHI_RO_256_PP.create(seeds[i]));
            duck.query("SELECT item_id, propensity_score, click FROM log ORDER BY \"row\"", rows -> {
                while (rows.next()) {
                    run.offer(rows.getInt(1), rows.getDouble(2), rows.getInt(3));
                }
            });
            assertThat(report.runs().get(i)).isEqualTo(ReplayReport.Run.of(run));
        }
        assertThat(LogReplay.of(duck, store, log, settings(PolicyName.thompson, 50, 100, 1))
                        .runs())
                .containsExactly(report.runs().getFirst());
    }

    @Test
    void the_curve_is_what_all_runs_have_reached() throws SQLException, IOException {
        ReplayReport report = LogReplay.of(
                duck, store, log(20_000, 1 / 3.0, 1 / 3.0, 1 / 3.0), settings(PolicyName.epsilon_greedy, 10, 0, 5));
        long fewest = report.runs().stream()
                .mapToLong(ReplayReport.Run::accepted)
                .min()
                .orElseThrow();
        assertThat(report.horizon()).isBetween(fewest - 33, fewest);
        assertThat(report.curve()).hasSizeBetween(180, 200);
        for (ReplayReport.Point point : report.curve()) {
            assertThat(point.regret().mean() + point.rewards().mean())
                    .isCloseTo(report.bestArm().reward() * point.decisions(), within(1e-9 * point.decisions()));
        }
        assertThat(report.curve().getLast().decisions()).isEqualTo(report.horizon());
    }

    @Test
    void an_arm_that_was_never_shown_and_too_few_rounds_are_no_answer() throws SQLException, IOException {
        LoggedRounds never = log(1_000, 0.5, 0.5, 0);
        assertThatExceptionOfType(CommandFailed.class)
                .isThrownBy(() -> LogReplay.of(duck, store, never, settings(PolicyName.fixed, 1, 0, 2)))
                .withMessage(
                        "These logs cannot answer this: arm c was never shown in the 1,000 rounds of made/up, so that no replay can choose it.")
                .satisfies(told -> assertThat(told.status()).isEqualTo(CommandFailed.CANNOT_ANSWER));
        LoggedRounds few = log(200, 1 / 3.0, 1 / 3.0, 1 / 3.0);
        assertThatExceptionOfType(CommandFailed.class)
                .isThrownBy(() -> LogReplay.of(duck, store, few, settings(PolicyName.fixed, 1, 0, 2)))
                .withMessageContaining("expected 100 at least; by the smallest propensity, one in 3 is.")
                .satisfies(told -> assertThat(told.status()).isEqualTo(CommandFailed.CANNOT_ANSWER));
    }
}
