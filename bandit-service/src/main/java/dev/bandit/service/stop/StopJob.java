package dev.bandit.service.stop;

import dev.bandit.core.inference.Moments;
import dev.bandit.core.inference.NonInferiority;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Definition.OnRegression;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.experiment.Precondition;
import dev.bandit.service.experiment.StaleVersion;
import dev.bandit.service.report.Standings;
import dev.bandit.service.report.Standings.Standing;
import dev.bandit.service.totals.ArmTotals;
import dev.bandit.service.totals.RunningTotals;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Looks at every running experiment again and again: concludes it with the leader when its rule is met and it asks for that, and pauses
 * a treatment that is proven to be too slow, or concludes with the control. Of several replicas the first to say so does; a definition that has changed meanwhile
 * is looked at anew.
 */
@Component
class StopJob {

    /** Of a regression that is not there: small, since it is looked for every time. */
    private static final double ALARM = 0.001;

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Logger log = LoggerFactory.getLogger(StopJob.class);

    private final ExperimentRegistry experiments;
    private final Standings standings;
    private final RunningTotals totals;

    StopJob(ExperimentRegistry experiments, Standings standings, RunningTotals totals) {
        this.experiments = experiments;
        this.standings = standings;
        this.totals = totals;
    }

    @Scheduled(fixedDelayString = "${bandit.stop.interval:60s}")
    void run() {
        for (Experiment experiment : experiments.all()) {
            if (experiment.status() != Status.RUNNING) {
                continue;
            }
            try {
                look(experiment);
            } catch (StaleVersion e) {
                log.debug("{} has changed meanwhile", experiment.id());
            } catch (RuntimeException e) {
                log.warn("the end of {} will be looked for later: {}", experiment.id(), e.getMessage());
            }
        }
    }

    private void look(Experiment experiment) {
        Definition definition = experiment.definition();
        if (definition.guardrails().onRegression() != OnRegression.REPORT && broken(experiment)) {
            return;
        }
        if (definition.stop().autoConclude()) {
            Standing standing = standings.standing(experiment);
            if (standing.stopping().met()) {
                conclude(experiment, standing.stopping().leader(), "the stopping rule", standing.grounds());
            }
        }
    }

    private boolean broken(Experiment experiment) {
        Definition definition = experiment.definition();
        List<String> arms = definition.variants().names();
        String control = arms.get(definition.variants().control());
        Map<String, ArmTotals> sums = totals.catchUp(experiment, PATIENCE).arms();
        ArmTotals standard = sums.get(control);
        if (standard == null) {
            return false;
        }
        for (String arm : arms) {
            ArmTotals treatment = sums.get(arm);
            boolean paused = definition.variants().get(arms.indexOf(arm)).paused();
            if (arm.equals(control) || treatment == null || paused) {
                continue;
            }
            double margin = definition.guardrails().maxLatencyRegression();
            Double p = NonInferiority.ofMeans(standard.latency(), treatment.latency(), margin)
                    .map(NonInferiority::pValueOfViolation)
                    .orElse(null);
            if (p != null && p < ALARM / (arms.size() - 1)) {
                Map<String, Object> grounds = new LinkedHashMap<>(standings.of(experiment));
                grounds.put("too_slow", arm);
                grounds.put("max_latency_regression", margin);
                grounds.put("p", p);
                grounds.put(
                        "latency_ms", Map.of(control, moments(standard.latency()), arm, moments(treatment.latency())));
                trip(experiment, arm, control, grounds);
                return true;
            }
        }
        return false;
    }

    private void trip(Experiment experiment, String arm, String control, Map<String, Object> grounds) {
        String by = "the latency guardrail";
        if (experiment.definition().guardrails().onRegression() == OnRegression.CONTROL) {
            conclude(experiment, control, by, grounds);
            return;
        }
        experiments.pauseArm(experiment.id(), arm, true, Precondition.version(experiment.version()), by, grounds);
        log.info("{} of {} is paused by {}", arm, experiment.id(), by);
    }

    private static Map<String, Object> moments(Moments of) {
        return Map.of("n", of.n(), "mean", of.mean(), "variance", of.variance().orElse(0));
    }

    private void conclude(Experiment experiment, String winner, String by, Map<String, Object> grounds) {
        experiments.conclude(experiment.id(), winner, Precondition.version(experiment.version()), by, grounds);
        log.info("{} is concluded with {} by {}", experiment.id(), winner, by);
    }
}
