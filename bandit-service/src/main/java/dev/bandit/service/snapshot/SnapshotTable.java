package dev.bandit.service.snapshot;

import dev.bandit.service.snapshot.SnapshotRow.Totals;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Snapshots in Postgres. A tick is a row of its own, so that only one replica writes it, and either all of its rows or none. */
@Component
public class SnapshotTable {

    private static final int BATCH = 500;

    private final JdbcTemplate postgres;
    private final TransactionTemplate transaction;
    private final String insert;
    private final String last;
    private final String takeTick;
    private final String rows;
    private final String thinned;
    private final String densityInsert;

    public SnapshotTable(JdbcTemplate postgres, PlatformTransactionManager transactions) {
        this.postgres = postgres;
        this.transaction = new TransactionTemplate(transactions);
        this.insert = sql("snapshot_insert");
        this.last = sql("snapshot_last");
        this.takeTick = sql("snapshot_take_tick");
        this.rows = sql("snapshot_rows");
        this.thinned = sql("snapshot_thinned");
        this.densityInsert = sql("density_insert");
    }

    private static String sql(String name) {
        try {
            return new ClassPathResource("sql/" + name + ".sql")
                    .getContentAsString(java.nio.charset.StandardCharsets.UTF_8);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /**
     * Writes the tick's rows, and its curves in the place of those before, unless another replica has written it, or a later one. One replica at a time does: increments
     * are what was added since the rows before, so those must be committed.
     */
    public boolean take(Instant tick, Supplier<List<SnapshotRow>> rows, Supplier<List<DensityCurve>> curves) {
        return Boolean.TRUE.equals(transaction.execute(status -> {
            // Of a replica that is lost or frozen meanwhile, Postgres ends the session, and with it the lock.
            postgres.execute("set local idle_in_transaction_session_timeout = '10s'");
            postgres.query("select pg_advisory_xact_lock(hashtext('bandit snapshots'))", row -> {});
            if (postgres.update(takeTick, Timestamp.from(tick), Timestamp.from(tick)) == 0) {
                return false;
            }
            replaceCurves(curves.get());
            postgres.batchUpdate(insert, rows.get(), BATCH, (statement, row) -> {
                statement.setString(1, row.testId());
                statement.setString(2, row.variant());
                statement.setTimestamp(3, Timestamp.from(row.timestamp()));
                statement.setDouble(4, row.alpha());
                statement.setDouble(5, row.beta());
                statement.setLong(6, row.exposuresInc());
                statement.setDouble(7, row.successesInc());
                statement.setLong(8, row.exposuresTotal());
                statement.setDouble(9, row.successesTotal());
                statement.setObject(10, row.successRateTotal(), Types.DOUBLE);
                statement.setDouble(11, row.mean());
                statement.setDouble(12, row.ciLow());
                statement.setDouble(13, row.ciHigh());
                statement.setDouble(14, row.probBest());
                statement.setDouble(15, row.expectedLoss());
            });
            return true;
        }));
    }

    private void replaceCurves(List<DensityCurve> curves) {
        // Not truncate: readers of the curves before would have to wait.
        postgres.update("delete from posterior_densities");
        postgres.batchUpdate(densityInsert, curves, BATCH, (statement, curve) -> {
            Connection connection = statement.getConnection();
            statement.setString(1, curve.testId());
            statement.setString(2, curve.variant());
            statement.setArray(3, connection.createArrayOf("float8", boxed(curve.x())));
            statement.setArray(4, connection.createArrayOf("float8", boxed(curve.density())));
        });
    }

    private static Object[] boxed(double[] values) {
        return Arrays.stream(values).boxed().toArray();
    }

    /** The totals at the newest snapshot of each arm of the experiment, however long ago. */
    Map<String, Totals> last(String testId) {
        Map<String, Totals> totals = new HashMap<>();
        postgres.query(
                last,
                row -> {
                    totals.put(row.getString(1), new Totals(row.getLong(2), row.getDouble(3)));
                },
                testId);
        return totals;
    }

    /** The newest tick that was written; empty before the first. */
    public Optional<Instant> newestTick() {
        return Optional.ofNullable(postgres.queryForObject("select max(tick) from snapshot_ticks", Timestamp.class))
                .map(Timestamp::toInstant);
    }

    /** Ticks later than that one, the oldest first: all of them, since a tick is never written after a later one. */
    public List<Instant> ticksAfter(Instant tick, int limit) {
        return postgres.query(
                "select tick from snapshot_ticks where tick > ? order by tick limit ?",
                (row, number) -> row.getTimestamp(1).toInstant(),
                Timestamp.from(tick),
                limit);
    }

    /** How many ticks are later than the one and earlier than the other. */
    public long ticksBetween(Instant after, Instant before) {
        Long count = postgres.queryForObject(
                "select count(*) from snapshot_ticks where tick > ? and tick < ?",
                Long.class,
                Timestamp.from(after),
                Timestamp.from(before));
        return count == null ? 0 : count;
    }

    /** What was written at that tick, by test and variant. */
    public List<SnapshotRow> rows(Instant tick) {
        return postgres.query(rows, (row, number) -> row(row), Timestamp.from(tick));
    }

    /** What was written of these variants at the newest ticks before each of that many evenly spaced points, the oldest first. */
    List<SnapshotRow> thinned(String testId, List<String> variants, Instant since, Instant until, int points) {
        return JdbcClient.create(postgres)
                .sql(thinned)
                .param("id", testId)
                .param("variants", variants.toArray(String[]::new))
                .param("since", Timestamp.from(since))
                .param("until", Timestamp.from(until))
                .param("points", points)
                .query((row, number) -> row(row))
                .list();
    }

    private static SnapshotRow row(ResultSet row) throws SQLException {
        double rate = row.getDouble("success_rate_total");
        return new SnapshotRow(
                row.getString("test_id"),
                row.getString("variant"),
                row.getTimestamp("timestamp").toInstant(),
                row.getDouble("alpha"),
                row.getDouble("beta"),
                row.getLong("exposures_inc"),
                row.getDouble("successes_inc"),
                row.getLong("exposures_total"),
                row.getDouble("successes_total"),
                row.getObject("success_rate_total") == null ? null : rate,
                row.getDouble("mean"),
                row.getDouble("ci_low"),
                row.getDouble("ci_high"),
                row.getDouble("prob_best"),
                row.getDouble("expected_loss"));
    }
}
