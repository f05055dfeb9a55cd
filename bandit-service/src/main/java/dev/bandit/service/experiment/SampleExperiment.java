package dev.bandit.service.experiment;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/** Something to try on a service that starts with nothing: the experiment {@code welcome}, where there is no experiment at all. */
@Component
@ConditionalOnBooleanProperty("bandit.sample-experiment")
class SampleExperiment implements ApplicationRunner {

    private static final Logger LOG = LoggerFactory.getLogger(SampleExperiment.class);
    private static final String ID = "welcome";

    private final ExperimentRegistry experiments;

    SampleExperiment(ExperimentRegistry experiments) {
        this.experiments = experiments;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        if (experiments.all().isEmpty()) {
            experiments.put(
                    ID, Definition.of(Variants.equal("control", "treatment")), Precondition.NONE, "first start");
            LOG.info("Made the sample experiment {}", ID);
        }
    }
}
