package dev.bandit.service.totals;

import dev.bandit.service.ledger.LedgerUnavailable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The runs in Postgres, whose ids are in the order in which they became visible. */
final class RunTable {

    private final JdbcClient postgres;
    private final String runs;

    RunTable(JdbcClient postgres) {
        this.postgres = postgres;
        try {
            runs = new ClassPathResource("sql/totals_runs.sql").getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The arms of so many runs, from a run on, in their order.
     *
     * @throws LedgerUnavailable when Postgres cannot be reached or fails
     */
    List<RunArm> from(long run, int limit) {
        try {
            return postgres.sql(runs)
                    .params(run, limit)
                    .query((row, number) -> new RunArm(
                            row.getLong("run_id"),
                            row.getTimestamp("at").toInstant(),
                            row.getString("experiment_id"),
                            row.getString("arm_id"),
                            row.getLong("first_batch"),
                            row.getLong("last_batch"),
                            row.getLong("decisions"),
                            row.getLong("units"),
                            row.getLong("trials"),
                            row.getDouble("successes"),
                            row.getLong("observations"),
                            row.getLong("decisions_total"),
                            row.getLong("units_total"),
                            row.getLong("trials_total"),
                            row.getDouble("successes_total"),
                            row.getObject("latency_ms_mean", Double.class),
                            row.getObject("score_mean", Double.class)))
                    .list();
        } catch (DataAccessException e) {
            throw new LedgerUnavailable("The runs could not be read.", e);
        }
    }

    /**
     * The id that was given last, perhaps to a run that is gone.
     *
     * @throws LedgerUnavailable when Postgres cannot be reached or fails
     */
    long newest() {
        try {
            return postgres.sql("select last_value from experiment_runs_run_id_seq")
                    .query(Long.class)
                    .single();
        } catch (DataAccessException e) {
            throw new LedgerUnavailable("The runs could not be read.", e);
        }
    }
}
