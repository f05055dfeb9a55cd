package dev.bandit.pipeline.ledger;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.ledger.Ledger.Count;
import dev.bandit.pipeline.ledger.Ledger.Experiment;
import dev.bandit.pipeline.ledger.Ledger.Period;
import dev.bandit.pipeline.ledger.Ledger.Rounds;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;

/**
 * Some of a ledger's decisions, which any thread of any machine can read that reaches the Postgres.
 *
 * @param snapshot what the ledger sees
 * @param moment when that was
 */
public record Slice(
        PostgresAddress address, String snapshot, OffsetDateTime moment, Experiment experiment, Period period)
        implements Serializable {

    private static final String ROUNDS = Ledger.sql("rounds.sql");
    private static final int FETCH = 10_000;

    /** Of decisions that say nothing: the winner is given to everybody. */
    private static final String CONCLUDED = "concluded";

    /**
     * Every decision that is settled, with its reward as the service has learned it: under {@code exposure} one without reward has
     * failed; under {@code window} too, once its window has closed, and none counts before; under {@code explicit} only what was rewarded
     * counts, since nobody knows of the others. A late reward is none.
     *
     * @param rounds in no order; memory does not depend on how many
     * @throws CommandFailed if they cannot be read
     */
    public Count rounds(Rounds rounds) {
        try (Connection connection = address.connect();
                Statement joining = connection.createStatement()) {
            // Postgres made the name, and takes it only as part of the statement.
            joining.execute("set transaction snapshot " + joining.enquoteLiteral(snapshot));
            try (PreparedStatement statement = connection.prepareStatement(ROUNDS)) {
                statement.setFetchSize(FETCH);
                statement.setObject(1, moment);
                statement.setString(2, experiment.id());
                statement.setObject(3, period.earliest());
                statement.setObject(4, period.latest());
                statement.setString(5, experiment.id());
                statement.setObject(6, period.earliest());
                statement.setObject(7, period.latest());
                try (ResultSet rows = statement.executeQuery()) {
                    return read(rows, experiment.feedback().equals("explicit"), rounds);
                }
            }
        } catch (SQLException e) {
            throw Ledger.unreadable(address, e);
        }
    }

    private static Count read(ResultSet rows, boolean explicit, Rounds rounds) throws SQLException {
        long settled = 0;
        long unsettled = 0;
        long concluded = 0;
        long unknown = 0;
        while (rows.next()) {
            double propensity = rows.getDouble(3);
            if (rows.wasNull()) {
                unknown++;
                continue;
            }
            if (CONCLUDED.equals(rows.getString(4))) {
                concluded++;
                continue;
            }
            double reward = rows.getDouble(5);
            if (explicit ? rows.wasNull() : !rows.getBoolean(6)) {
                unsettled++;
                continue;
            }
            settled++;
            rounds.round(rows.getString(1), rows.getString(2), propensity, reward);
        }
        return new Count(settled, unsettled, concluded, unknown);
    }
}
