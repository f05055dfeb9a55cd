package dev.bandit.service.totals;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.ledger.LedgerUnavailable;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Keeps the totals of every experiment up to date: each run takes the events that came since the one before, in one transaction with the
 * totals, so that a run that dies has not happened. One replica at a time folds an experiment.
 */
@Component
public class RunningTotals {

    private static final Logger log = LoggerFactory.getLogger(RunningTotals.class);

    private final DataSource dataSource;
    private final ExperimentRegistry experiments;
    private final TotalsTable table = new TotalsTable();

    RunningTotals(DataSource dataSource, ExperimentRegistry experiments) {
        this.dataSource = dataSource;
        this.experiments = experiments;
    }

    @Scheduled(fixedDelayString = "${bandit.totals.interval:5s}")
    void tick() {
        for (Experiment experiment : experiments.all()) {
            if (experiment.status() == Status.ARCHIVED) {
                continue;
            }
            try {
                catchUp(experiment, Duration.ofMinutes(1));
            } catch (LedgerUnavailable e) {
                log.warn("totals wait for Postgres: {}", e.getMessage());
                return;
            } catch (RuntimeException e) {
                log.error("totals of {} could not be brought up to date", experiment.id(), e);
            }
        }
    }

    /**
     * Folds what is new, and says how things stand.
     *
     * @param patience after which no further run is begun
     * @throws LedgerUnavailable when Postgres cannot be reached or fails
     */
    public ExperimentTotals catchUp(Experiment experiment, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        return with(connection -> {
            Instant asked = Instant.now();
            boolean more = table.behind(connection, experiment.id());
            while (more && System.nanoTime() < deadline) {
                more = run(connection, experiment);
            }
            ExperimentTotals totals = table.read(connection, experiment.id());
            return more ? totals : totals.asOf(asked);
        });
    }

    /**
     * Forgets the totals and folds everything again, which ends with the same.
     *
     * @throws LedgerUnavailable when Postgres cannot be reached or fails
     */
    public ExperimentTotals recount(Experiment experiment) {
        with(connection -> {
            connection.setAutoCommit(false);
            table.lock(connection, experiment.id());
            table.forget(connection, experiment.id());
            connection.commit();
            return true;
        });
        return catchUp(experiment, Duration.ofDays(1));
    }

    /** @return whether there may be more */
    private boolean run(Connection connection, Experiment experiment) throws SQLException {
        connection.setAutoCommit(false);
        try {
            boolean more = table.lock(connection, experiment.id()) && table.fold(connection, experiment);
            connection.commit();
            return more;
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    private <T> T with(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            boolean autoCommit = connection.getAutoCommit();
            try {
                return work.with(connection);
            } finally {
                connection.setAutoCommit(autoCommit);
            }
        } catch (SQLException e) {
            throw new LedgerUnavailable("The totals could not be read or written.", e);
        }
    }
}
