package dev.bandit.service.totals;

import dev.bandit.core.inference.Moments;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.totals.ExperimentTotals.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import tools.jackson.databind.json.JsonMapper;

/** Totals in Postgres, and the events they are made of. */
final class TotalsTable {

    /** A run's rows, about: what one transaction holds in memory. */
    private static final long RUN_ROWS = 100_000;

    private static final JsonMapper JSON = JsonMapper.shared();

    private final String span = sql("totals_span");

    static String sql(String name) {
        try {
            return new ClassPathResource("sql/" + name + ".sql").getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the ledger has a batch that the totals have not; cheap, since it is asked again and again. */
    boolean behind(Connection connection, String experimentId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                select s.batch > coalesce(t.batch, 0)
                  from store_state s left join experiment_totals t on t.experiment_id = s.experiment_id
                 where s.experiment_id = ?
                """)) {
            statement.setString(1, experimentId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /** Takes the experiment's totals to the end of the transaction; waits for whoever has them. */
    boolean lock(Connection connection, String experimentId) throws SQLException {
        update(
                connection,
                "insert into experiment_totals (experiment_id) values (?) on conflict do nothing",
                experimentId);
        try (PreparedStatement statement =
                connection.prepareStatement("select 1 from experiment_totals where experiment_id = ? for update")) {
            statement.setString(1, experimentId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    void forget(Connection connection, String experimentId) throws SQLException {
        update(
                connection,
                "update experiment_totals set batch = 0, totals = null where experiment_id = ?",
                experimentId);
        update(connection, "delete from arm_totals where experiment_id = ?", experimentId);
        update(connection, "delete from experiment_units where experiment_id = ?", experimentId);
        update(connection, "delete from experiment_runs where experiment_id = ?", experimentId);
    }

    ExperimentTotals read(Connection connection, String experimentId) throws SQLException {
        long batch = 0;
        Instant at = Instant.EPOCH;
        Shared shared = null;
        try (PreparedStatement statement = connection.prepareStatement(
                "select batch, updated_at, totals from experiment_totals where experiment_id = ?")) {
            statement.setString(1, experimentId);
            try (ResultSet row = statement.executeQuery()) {
                if (row.next()) {
                    batch = row.getLong(1);
                    at = row.getTimestamp(2).toInstant();
                    String json = row.getString(3);
                    shared = json == null ? null : JSON.readValue(json, Shared.class);
                }
            }
        }
        Map<String, ArmTotals> arms = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "select arm_id, totals from arm_totals where experiment_id = ? order by arm_id")) {
            statement.setString(1, experimentId);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    arms.put(row.getString(1), JSON.readValue(row.getString(2), ArmTotals.class));
                }
            }
        }
        return new ExperimentTotals(batch, at, shared, arms);
    }

    /**
     * One run: folds what came since the last one, up to a limit. Under {@link #lock}.
     *
     * @return whether there may be more
     */
    boolean fold(Connection connection, Experiment experiment) throws SQLException {
        String id = experiment.id();
        Feedback feedback = experiment.definition().feedback();
        ExperimentTotals before = read(connection, id);
        Long last = lastBatch(connection, id, before.batch());
        if (last == null) {
            return false;
        }
        Fold fold = new Fold(feedback, before);
        new EventReader(connection, id, fold).read(before.batch(), last);
        write(connection, id, last, fold);
        writeRun(connection, experiment, before, last, fold);
        return true;
    }

    private @Nullable Long lastBatch(Connection connection, String id, long after) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(span)) {
            statement.setString(1, id);
            statement.setLong(2, after);
            statement.setLong(3, RUN_ROWS);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                long last = row.getLong(1);
                return row.wasNull() ? null : last;
            }
        }
    }

    private static void write(Connection connection, String id, long last, Fold fold) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into arm_totals (experiment_id, arm_id, totals) values (?, ?, ?::jsonb)
                on conflict (experiment_id, arm_id) do update set totals = excluded.totals
                """)) {
            for (var arm : fold.changed().entrySet()) {
                statement.setString(1, id);
                statement.setString(2, arm.getKey());
                statement.setString(3, JSON.writeValueAsString(arm.getValue()));
                statement.addBatch();
            }
            statement.executeBatch();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "update experiment_totals set batch = ?, totals = ?::jsonb, updated_at = ? where experiment_id = ?")) {
            statement.setLong(1, last);
            statement.setString(2, JSON.writeValueAsString(fold.shared()));
            statement.setTimestamp(3, Timestamp.from(Instant.now()));
            statement.setString(4, id);
            statement.executeUpdate();
        }
    }

    private static void writeRun(
            Connection connection, Experiment experiment, ExperimentTotals before, long last, Fold fold)
            throws SQLException {
        // Ids in the order of commits, of all experiments: whoever has seen a run has seen all before it.
        try (PreparedStatement statement = connection.prepareStatement(
                "select pg_advisory_xact_lock(hashtextextended('bandit experiment_runs', 0))")) {
            statement.execute();
        }
        Fold.Run run = fold.run();
        long runId;
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into experiment_runs
                    (experiment_id, first_batch, last_batch, decisions, units, rewards, successes, observations)
                values (?, ?, ?, ?, ?, ?, ?, ?) returning run_id
                """)) {
            statement.setString(1, experiment.id());
            statement.setLong(2, before.batch() + 1);
            statement.setLong(3, last);
            statement.setLong(4, run.decisions);
            statement.setLong(5, run.units);
            statement.setLong(6, run.rewards);
            statement.setDouble(7, run.micros / 1e6);
            statement.setLong(8, run.observations);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                runId = row.getLong(1);
            }
        }
        Feedback feedback = experiment.definition().feedback();
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into experiment_run_arms
                    (run_id, arm_id, decisions, units, trials, successes, observations,
                     decisions_total, units_total, trials_total, successes_total, latency_ms_mean, score_mean)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)) {
            for (var arm : fold.changed().entrySet()) {
                ArmTotals now = arm.getValue();
                ArmTotals then = before.arms().get(arm.getKey());
                statement.setLong(1, runId);
                statement.setString(2, arm.getKey());
                statement.setLong(3, now.decisions() - (then == null ? 0 : then.decisions()));
                statement.setLong(4, now.units() - (then == null ? 0 : then.units()));
                statement.setLong(5, now.trials(feedback) - (then == null ? 0 : then.trials(feedback)));
                statement.setDouble(6, (now.micros() - (then == null ? 0 : then.micros())) / 1e6);
                statement.setLong(7, now.observations() - (then == null ? 0 : then.observations()));
                statement.setLong(8, now.decisions());
                statement.setLong(9, now.units());
                statement.setLong(10, now.trials(feedback));
                statement.setDouble(11, now.micros() / 1e6);
                statement.setObject(12, mean(now.latency()), Types.DOUBLE);
                statement.setObject(13, mean(now.score()), Types.DOUBLE);
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static @Nullable Double mean(Moments sample) {
        return sample.n() == 0 ? null : sample.mean();
    }

    private static void update(Connection connection, String sql, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, id);
            statement.executeUpdate();
        }
    }
}
