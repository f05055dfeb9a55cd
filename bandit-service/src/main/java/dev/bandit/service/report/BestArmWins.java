package dev.bandit.service.report;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.WinnerChooser;
import dev.bandit.service.posterior.StateReader;
import dev.bandit.service.problem.Answers;
import java.util.Comparator;
import java.util.List;
import org.springframework.stereotype.Component;

/** Who concludes an experiment without naming a winner gets the arm that is most probably best, of those that are not paused. */
@Component
class BestArmWins implements WinnerChooser {

    private final StateReader states;

    BestArmWins(StateReader states) {
        this.states = states;
    }

    @Override
    public String winner(Experiment experiment) {
        List<ArmReport> arms = ArmReport.of(
                experiment,
                Answers.await(states.read(
                        experiment, experiment.definition().variants().names(), false)));
        return ArmReport.active(experiment, arms).stream()
                .max(Comparator.comparingDouble(ArmReport::probBest))
                .orElseThrow()
                .armId();
    }
}
