package dev.bandit.pipeline.conclude;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.conclude.Conclusion.Evidence;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.store.Store;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A log, of which every round counts as a trial of its arm.
 *
 * @param evidence by arm, also of those that were never shown
 * @param confounded whether positions are taken together, whose arms were not as likely at each: then rates compare positions too
 */
public record LoggedExperiment(List<Evidence> evidence, boolean confounded) {

    /**
     * @throws CommandFailed if the log cannot be read
     */
    public static LoggedExperiment of(Duck duck, Store store, LoggedRounds rounds) {
        List<Evidence> evidence = new ArrayList<>();
        rounds.arms().forEach(arm -> evidence.add(new Evidence(arm, 0, 0)));
        boolean[] uneven = {false};
        String sql = """
                SELECT item_id, count(*), sum(click)::BIGINT, min(propensity_score), max(propensity_score)
                FROM %s GROUP BY item_id""".formatted(rounds.relation(store));
        try {
            duck.query(sql, rows -> {
                while (rows.next()) {
                    int arm = rows.getInt(1);
                    evidence.set(arm, new Evidence(rounds.arms().get(arm), rows.getLong(2), rows.getLong(3)));
                    uneven[0] |= rows.getDouble(4) < rows.getDouble(5);
                }
            });
        } catch (SQLException e) {
            throw new CommandFailed("%s cannot be read: %s".formatted(rounds.name(), e.getMessage()), e);
        }
        return new LoggedExperiment(List.copyOf(evidence), rounds.places() > 1 && uneven[0]);
    }
}
