package dev.bandit.service.report;

import dev.bandit.service.experiment.Experiment;
import java.util.OptionalDouble;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** How fast an experiment gets decisions. */
@Component
class TrafficRate {

    private final JdbcClient postgres;

    TrafficRate(JdbcClient postgres) {
        this.postgres = postgres;
    }

    /** Decisions a day over the last day, or since the first if that was later; empty before the first, and where a minute has not passed. */
    OptionalDouble perDay(Experiment experiment) {
        return postgres.sql("""
                        select sum(decisions) as decisions,
                               extract(epoch from now() - greatest(min(at), now() - interval '1 day')) as seconds
                          from experiment_runs
                         where experiment_id = ? and at > now() - interval '1 day'
                        """)
                .param(experiment.id())
                .query((row, number) -> {
                    double seconds = row.getDouble("seconds");
                    double decisions = row.getDouble("decisions");
                    return seconds >= 60 && decisions > 0
                            ? OptionalDouble.of(decisions * 86_400 / seconds)
                            : OptionalDouble.empty();
                })
                .single();
    }
}
