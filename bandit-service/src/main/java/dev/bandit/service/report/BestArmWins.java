package dev.bandit.service.report;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.WinnerChooser;
import dev.bandit.service.posterior.StateReader;
import dev.bandit.service.problem.Answers;
import java.util.Comparator;
import org.springframework.stereotype.Component;

/** Who concludes an experiment without naming a winner gets the arm that is most probably best. */
@Component
class BestArmWins implements WinnerChooser {

    private final StateReader states;

    BestArmWins(StateReader states) {
        this.states = states;
    }

    @Override
    public String winner(Experiment experiment) {
        return ArmReport.of(
                        experiment,
                        Answers.await(states.read(
                                experiment, experiment.definition().variants().names(), false)))
                .stream()
                .max(Comparator.comparingDouble(ArmReport::probBest))
                .orElseThrow()
                .armId();
    }
}
