package dev.bandit.pipeline.bench;

import dev.bandit.core.evaluation.Estimator;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.ope.LogEvaluation;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.ope.OpeOutcome;
import dev.bandit.pipeline.policy.TargetPolicy;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.testing.Dataset;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Locale;

/** All estimators on a log, beside DuckDB's own aggregate of the plainest of them on the same file, by turns; run by {@code bench/ope.sh}. */
final class OpeBench {

    private OpeBench() {}

    /** @param args the store, and rounds */
    public static void main(String[] args) throws SQLException {
        int rounds = Integer.parseInt(args[1]);
        double[] ratios = new double[rounds];
        try (Store store = Store.open(args[0]);
                Engine engine = Engine.local();
                Duck duck = Duck.open(store.scratch())) {
            Silver silver = Silver.open(store, Dataset.BTS.behavior(), Dataset.BTS.campaign());
            LoggedRounds log = LoggedRounds.of(silver);
            TargetPolicy uniform = TargetPolicy.of("uniform", "men", log.arms(), log.places(), 0);
            double[] plainly = new double[1];
            for (int round = -1; round < rounds; round++) {
                long start = System.nanoTime();
                duck.query(
                        "SELECT avg(click * (1.0 / %d) / propensity_score) FROM read_parquet(%s)"
                                .formatted(
                                        log.arms().size(),
                                        Duck.quoted(
                                                Path.of(silver.logs().getFirst().toString()))),
                        rows -> {
                            rows.next();
                            plainly[0] = rows.getDouble(1);
                        });
                double plain = seconds(start);
                start = System.nanoTime();
                OpeOutcome outcome = LogEvaluation.of(engine, log, uniform, OffPolicySettings.DEFAULT, 4);
                double ours = seconds(start);
                double value = outcome.result().value(Estimator.IPW).orElseThrow();
                if (!(Math.abs(value / plainly[0] - 1) < 1e-9)) {
                    throw new IllegalStateException("DuckDB says " + plainly[0] + ", ours is " + value);
                }
                say(
                        "%s: %,d rounds; aggregate %.3f s, all estimators %.3f s, ratio %.1f",
                        round < 0 ? "warm-up" : "round " + (round + 1),
                        outcome.result().rounds(),
                        plain,
                        ours,
                        ours / plain);
                if (round >= 0) {
                    ratios[round] = ours / plain;
                }
            }
        }
        Arrays.sort(ratios);
        say("median ratio %.1f of %d rounds", ratios[rounds / 2], rounds);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
