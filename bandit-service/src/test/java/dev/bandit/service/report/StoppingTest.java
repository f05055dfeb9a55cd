package dev.bandit.service.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.core.policy.Thompson;
import dev.bandit.core.posterior.BestArm;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.core.simulation.BernoulliArms;
import dev.bandit.core.simulation.Look;
import dev.bandit.core.simulation.Outcome;
import dev.bandit.core.simulation.Schedule;
import dev.bandit.core.simulation.StopRule;
import dev.bandit.core.simulation.Trial;
import dev.bandit.service.experiment.Definition.Stop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rule that the service goes by is the one whose errors docs/statistics.md gives: at every look of simulated experiments. */
class StoppingTest {

    @ParameterizedTest
    @CsvSource({
        "0.95, 0.001, , 100",
        "0.95, 1, , 0",
        "0.9, 0.01, 0, 10",
        "0, 0.002, , 50",
        "0, 1, 0.01, 100",
        "0.8, 0.01, 0.3, 200"
    })
    void the_service_stops_when_the_simulated_rule_does(double probBest, double loss, Double remaining, long perArm) {
        Stop stop = new Stop(probBest, loss, remaining, perArm, Duration.ZERO, false);
        StopRule simulated = Stopping.rule(stop).notBefore(0, perArm);
        List<Boolean> met = new ArrayList<>();
        StopRule both = look -> {
            Stopping ours = Stopping.of(stop, reports(look), Duration.ofHours(1));
            assertThat(ours.met()).isEqualTo(simulated.verdict(look).isPresent());
            simulated.verdict(look).ifPresent(arm -> assertThat(ours.leader()).isEqualTo("arm-" + arm));
            met.add(ours.met());
            return simulated.verdict(look);
        };
        Outcome[] outcomes = new Trial(
                        BernoulliArms.of(0.1, 0.13, 0.11), new Thompson(), 0.01, both, Schedule.of(20_000, 100, 0, 100))
                .play(20, 20261122, false);
        assertThat(Arrays.stream(outcomes).filter(outcome -> outcome.winner() != Outcome.NONE))
                .isNotEmpty();
        assertThat(met).contains(true, false);
    }

    private static List<ArmReport> reports(Look look) {
        double[] best = BestArm.probabilities(look.alpha(), look.beta());
        double[] losses = BestArm.expectedLosses(look.alpha(), look.beta());
        List<ArmReport> reports = new ArrayList<>();
        for (int k = 0; k < best.length; k++) {
            BetaPosterior posterior = new BetaPosterior(look.alpha()[k], look.beta()[k]);
            reports.add(new ArmReport(
                    "arm-" + k,
                    posterior,
                    posterior.credibleInterval(0.95),
                    best[k],
                    losses[k],
                    look.decisions(k),
                    look.seen(k).trials(),
                    look.seen(k).trials(),
                    look.seen(k).successes()));
        }
        return reports;
    }
}
