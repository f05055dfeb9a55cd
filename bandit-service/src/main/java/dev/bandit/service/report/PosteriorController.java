package dev.bandit.service.report;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.posterior.State;
import dev.bandit.service.posterior.StateReader;
import dev.bandit.service.problem.Answers;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /experiments/{id}/posterior}. */
@RestController
@Tag(name = "Experiments")
class PosteriorController {

    private final ExperimentRegistry experiments;
    private final StateReader states;

    PosteriorController(ExperimentRegistry experiments, StateReader states) {
        this.experiments = experiments;
        this.states = states;
    }

    record ArmView(
            String armId,
            double alpha,
            double beta,
            double mean,
            double[] ci95,
            double probBest,
            double expectedLoss,
            long decisions,
            long rewards) {

        static ArmView from(ArmReport arm) {
            return new ArmView(
                    arm.armId(),
                    arm.posterior().alpha(),
                    arm.posterior().beta(),
                    arm.posterior().mean(),
                    new double[] {arm.interval().lower(), arm.interval().upper()},
                    arm.probBest(),
                    arm.expectedLoss(),
                    arm.decisions(),
                    arm.rewards());
        }
    }

    record PosteriorView(String experimentId, String status, long posteriorVersion, List<ArmView> arms) {}

    @Operation(
            summary = "What each arm has learned",
            description =
                    "prob_best and expected_loss describe the posteriors as they are; neither is a significance level.")
    @GetMapping("/experiments/{id}/posterior")
    PosteriorView posterior(@PathVariable String id) {
        Experiment experiment = experiments.get(id);
        State state = Answers.await(
                states.read(experiment, experiment.definition().variants().names(), false));
        return new PosteriorView(
                id,
                experiment.status().label(),
                state.version(),
                ArmReport.of(experiment, state).stream().map(ArmView::from).toList());
    }
}
