package dev.bandit.service.report;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Grounds;
import dev.bandit.service.posterior.State;
import dev.bandit.service.posterior.StateReader;
import dev.bandit.service.problem.Answers;
import dev.bandit.service.problem.Problem;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How the stopping rules of experiments stand, and what that is decided by. */
@Component
public class Standings implements Grounds {

    private final StateReader states;
    private final JdbcClient postgres;

    Standings(StateReader states, JdbcClient postgres) {
        this.states = states;
        this.postgres = postgres;
    }

    /**
     * A standing.
     *
     * @param grounds the numbers it follows from, for the audit log
     */
    public record Standing(Stopping stopping, Map<String, Object> grounds) {}

    /** @throws Problem 503 when Redis does not answer */
    public Standing standing(Experiment experiment) {
        State state = Answers.await(
                states.read(experiment, experiment.definition().variants().names(), false));
        List<ArmReport> posteriors = ArmReport.of(experiment, state);
        Duration ran = ran(experiment);
        Stopping stopping = Stopping.of(experiment.definition().stop(), ArmReport.active(experiment, posteriors), ran);
        Map<String, Object> arms = new LinkedHashMap<>();
        for (ArmReport arm : posteriors) {
            Map<String, Object> numbers = new LinkedHashMap<>();
            numbers.put("alpha", arm.posterior().alpha());
            numbers.put("beta", arm.posterior().beta());
            numbers.put("decisions", arm.decisions());
            numbers.put("prob_best", arm.probBest());
            numbers.put("expected_loss", arm.expectedLoss());
            arms.put(arm.armId(), numbers);
        }
        Map<String, Object> grounds = new LinkedHashMap<>();
        grounds.put("definition_version", experiment.version());
        grounds.put("posterior_version", state.version());
        grounds.put("ran_seconds", ran.toSeconds());
        grounds.put("stop_rule_met", stopping.met());
        grounds.put("arms", arms);
        return new Standing(stopping, grounds);
    }

    /** A conclusion by hand does not wait for Redis: then its posteriors are not on record. */
    @Override
    public Map<String, Object> of(Experiment experiment) {
        try {
            return standing(experiment).grounds;
        } catch (Problem e) {
            return Map.of("definition_version", experiment.version(), "posteriors", "not known: " + e.getMessage());
        }
    }

    /** Since the experiment was made or last resumed. */
    Duration ran(Experiment experiment) {
        Instant since = postgres.sql("""
                        select max(at) from audit_log
                         where experiment_id = ? and (action in ('create', 'resume') or detail ->> 'from' = 'archived')
                        """)
                .param(experiment.id())
                .query((row, number) -> {
                    Timestamp at = row.getTimestamp(1);
                    return at == null ? experiment.createdAt() : at.toInstant();
                })
                .single();
        return Duration.between(since, Instant.now());
    }
}
