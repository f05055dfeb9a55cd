package dev.bandit.service.report;

import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.Ledger;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.Recount;
import dev.bandit.service.ledger.Recount.ArmCounts;
import dev.bandit.service.ledger.Relay;
import dev.bandit.service.posterior.State;
import dev.bandit.service.posterior.State.Parameters;
import dev.bandit.service.posterior.StateReader;
import dev.bandit.service.problem.Answers;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/**
 * Proves, while everything runs, that ledger, posteriors and snapshots agree to the last digit: the relay of the experiment is held, the
 * state in Redis is read at one moment together with its outbox, and both are held against a recount of Postgres.
 */
@Component
class Audit {

    /**
     * What was found.
     *
     * @param decisions in the ledger, with what was on its way there
     * @param outcomes learned from
     * @param differences each a sentence; empty when everything agrees
     */
    record Finding(String experimentId, boolean ok, long decisions, long outcomes, List<String> differences) {}

    private final Ledger ledger;
    private final Relay relay;
    private final StateReader states;

    Audit(Ledger ledger, Relay relay, StateReader states) {
        this.ledger = ledger;
        this.relay = relay;
        this.states = states;
    }

    /** Once before the lock is taken, so that a state that must first be rebuilt (which takes the lock) does not wait for us. */
    Finding audit(Experiment experiment) {
        Answers.await(states.read(experiment, List.of(), false));
        return ledger.exclusively(experiment.id(), connection -> {
            relay.step(connection, experiment.id());
            Map<String, ArmCounts> recorded = new HashMap<>(new Recount(connection, experiment.id()).arms());
            Set<String> arms = new TreeSet<>(experiment.definition().variants().names());
            arms.addAll(recorded.keySet());
            List<String> differences = new ArrayList<>();
            List<SnapshotSums> snapshots = snapshots(connection, experiment);
            State state = Answers.await(states.read(experiment, arms, true));
            for (LedgerEvent event : state.pending()) {
                recorded.merge(event.armId(), ArmCounts.of(event), ArmCounts::plus);
            }
            arms.addAll(recorded.keySet());
            for (String arm : arms) {
                compare(experiment, arm, recorded.getOrDefault(arm, ArmCounts.NONE), state, differences);
            }
            snapshots.forEach(sums -> compare(experiment, sums, recorded, differences));
            ArmCounts total = recorded.values().stream().reduce(ArmCounts.NONE, ArmCounts::plus);
            return new Finding(experiment.id(), differences.isEmpty(), total.decisions(), total.learned(), differences);
        });
    }

    private static void compare(
            Experiment experiment, String arm, ArmCounts recorded, State state, List<String> differences) {
        ArmCounts counted = state.counts().getOrDefault(arm, ArmCounts.NONE);
        if (!counted.equals(recorded)) {
            differences.add("arm " + arm + ": Redis counts " + counted + ", the ledger " + recorded);
        }
        Definition definition = experiment.definition();
        boolean exposure = definition.feedback() == Feedback.EXPOSURE;
        Parameters parameters = state.parameters().get(arm);
        if (parameters == null || definition.armIndex(arm).isEmpty()) {
            // An arm that is out keeps the prior it had; it is laid out anew when it returns.
            return;
        }
        expect(arm, "alpha", parameters.alpha(), definition.prior().alpha(), recorded.micros(), differences);
        expect(
                arm,
                "beta",
                parameters.beta(),
                definition.prior().beta(),
                recorded.failureMicros(exposure),
                differences);
    }

    private static void expect(
            String arm, String name, String found, double prior, long micros, List<String> differences) {
        BigDecimal expected =
                BigDecimal.valueOf(prior).add(BigDecimal.valueOf(micros, 6)).stripTrailingZeros();
        if (!found.equals(expected.toPlainString())) {
            differences.add("arm " + arm + ": " + name + " is '" + found + "' in Redis, " + expected.toPlainString()
                    + " by the ledger");
        }
    }

    /** An arm's snapshots; rewards in millionths. */
    private record SnapshotSums(
            String arm, long exposuresAdded, long exposuresTotal, long rewardsAdded, long rewardsTotal) {}

    /**
     * Read before the state is: a tick written in between would be ahead of it. What counts is the newest: an earlier one may have seen
     * what a Redis without persistence then forgot.
     */
    private static List<SnapshotSums> snapshots(Connection connection, Experiment experiment) throws SQLException {
        List<SnapshotSums> snapshots = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                select variant, exposures_added, exposures_total, rewards_added, round(successes_total * 1000000)::bigint
                  from (select variant, max("timestamp") as "timestamp", sum(exposures_inc)::bigint as exposures_added,
                               sum(round(successes_inc * 1000000)::bigint)::bigint as rewards_added
                          from posterior_snapshots where test_id = ? group by variant) sums
                  join (select variant, "timestamp", exposures_total, successes_total
                          from posterior_snapshots where test_id = ?) newest using (variant, "timestamp")
                """)) {
            statement.setString(1, experiment.id());
            statement.setString(2, experiment.id());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    snapshots.add(new SnapshotSums(
                            rows.getString(1), rows.getLong(2), rows.getLong(3), rows.getLong(4), rows.getLong(5)));
                }
            }
        }
        return snapshots;
    }

    /** The newest snapshot may be behind, never ahead, and the increments add up to its totals. */
    private static void compare(
            Experiment experiment, SnapshotSums sums, Map<String, ArmCounts> recorded, List<String> differences) {
        boolean exposure = experiment.definition().feedback() == Feedback.EXPOSURE;
        ArmCounts counts = recorded.getOrDefault(sums.arm, ArmCounts.NONE);
        long trials = exposure ? counts.decisions() : counts.learned();
        if (sums.exposuresAdded != sums.exposuresTotal || sums.rewardsAdded != sums.rewardsTotal) {
            differences.add("arm " + sums.arm + ": the increments of its snapshots do not add up to their totals");
        }
        if (sums.exposuresTotal > trials || sums.rewardsTotal > counts.micros()) {
            differences.add("arm " + sums.arm + ": its newest snapshot is ahead of the ledger");
        }
    }
}
