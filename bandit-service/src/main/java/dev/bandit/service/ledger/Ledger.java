package dev.bandit.service.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.stereotype.Component;

/**
 * Postgres as the truth of what happened.
 *
 * <p>Everything that must not run twice at once for one experiment, on any replica, runs inside {@link #exclusively}.
 */
@Component
public class Ledger {

    /** Which incarnation of an experiment's state in Redis is valid, and the highest version that has been moved here. */
    public record StoreState(String epoch, long relayedVersion) {}

    /** Work on one connection. */
    @FunctionalInterface
    public interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** What is written before an experiment has a state. */
    private static final long FIRST_BATCH = 1;

    private final DataSource dataSource;
    private final EventTable events = new EventTable();

    Ledger(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /**
     * Runs the work while no other replica, and no other thread, runs any for this experiment; waits for that.
     *
     * @throws LedgerUnavailable when Postgres cannot be reached or fails
     */
    public <T> T exclusively(String experimentId, Work<T> work) {
        return exclusively(experimentId, true, work).orElseThrow();
    }

    /** Like {@link #exclusively}, but empty at once when the experiment is taken. */
    public <T> Optional<T> ifFree(String experimentId, Work<T> work) {
        return exclusively(experimentId, false, work);
    }

    private <T> Optional<T> exclusively(String experimentId, boolean wait, Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            String name = "bandit experiment " + experimentId;
            if (!lock(connection, wait, name)) {
                return Optional.empty();
            }
            boolean released = false;
            try {
                return Optional.of(work.with(connection));
            } finally {
                try {
                    unlock(connection, name);
                    released = true;
                } finally {
                    if (!released) {
                        // The session is broken; its end frees the lock, a return to the pool would not.
                        connection.abort(Runnable::run);
                    }
                }
            }
        } catch (SQLException e) {
            throw new LedgerUnavailable("The ledger could not be reached: " + e.getMessage(), e);
        }
    }

    private static boolean lock(Connection connection, boolean wait, String name) throws SQLException {
        String sql = wait
                ? "select true from (select pg_advisory_lock(hashtextextended(?, 0))) as taken"
                : "select pg_try_advisory_lock(hashtextextended(?, 0))";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }

    private static void unlock(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select pg_advisory_unlock(hashtextextended(?, 0))")) {
            statement.setString(1, name);
            statement.execute();
        }
    }

    /** Runs the work on a connection of its own. */
    public <T> T read(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            return work.with(connection);
        } catch (SQLException e) {
            throw new LedgerUnavailable("The ledger could not be reached: " + e.getMessage(), e);
        }
    }

    /** Whether all these events of the experiment are committed. */
    public boolean has(String experimentId, Collection<UUID> eventIds) {
        return read(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "select count(distinct event_id) from bandit_events"
                            + " where experiment_id = ? and event_id = any(?)"
                            + " and (kind in ('reward', 'late') or kind = 'decision' and substr(event_id::text, 20, 1) >= '8')")) {
                statement.setString(1, experimentId);
                statement.setArray(2, connection.createArrayOf("uuid", eventIds.toArray()));
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next()
                            && rows.getLong(1) == Set.copyOf(eventIds).size();
                }
            }
        });
    }

    /** What is known of the experiment's state in Redis; empty when it never had one. */
    public Optional<StoreState> state(Connection connection, String experimentId) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select epoch, relayed_version from store_state where experiment_id = ?")) {
            statement.setString(1, experimentId);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(new StoreState(rows.getString(1), rows.getLong(2))) : Optional.empty();
            }
        }
    }

    /** Declares a new incarnation of the experiment's state in Redis. */
    public void publish(Connection connection, String experimentId, StoreState state) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into store_state (experiment_id, epoch, relayed_version) values (?, ?, ?)
                on conflict (experiment_id)
                do update set epoch = excluded.epoch, relayed_version = excluded.relayed_version, rebuilt_at = now()
                """)) {
            statement.setString(1, experimentId);
            statement.setString(2, state.epoch);
            statement.setLong(3, state.relayedVersion);
            statement.executeUpdate();
        }
    }

    /**
     * Commits events together with how far the outbox has been moved. Inside {@link #exclusively}.
     *
     * @param again whether they are expected to be there already
     * @return how many events were new; if they were expected, how many are not as they stand there
     */
    public long write(Connection connection, String experimentId, List<LedgerEvent> batch, long version, boolean again)
            throws SQLException {
        if (batch.isEmpty()) {
            return 0;
        }
        connection.setAutoCommit(false);
        try {
            long number = advance(connection, experimentId, version);
            long written = again
                    ? events.writeAgain(connection, experimentId, batch, number)
                    : events.write(connection, experimentId, batch, number);
            connection.commit();
            events.committed(batch);
            return written;
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** @return the number of this batch; they follow each other as they are committed, since the experiment's lock is held */
    private static long advance(Connection connection, String experimentId, long version) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                update store_state set relayed_version = greatest(relayed_version, ?), batch = batch + 1
                 where experiment_id = ? returning batch
                """)) {
            statement.setLong(1, version);
            statement.setString(2, experimentId);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getLong(1) : FIRST_BATCH;
            }
        }
    }
}
