package dev.bandit.service.experiment;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the copy of the experiments is kept.
 *
 * @param refresh how often changes made by other replicas are looked for
 */
@ConfigurationProperties("bandit.experiment")
record ExperimentProperties(@DefaultValue("1s") Duration refresh) {

    ExperimentProperties {
        if (refresh.compareTo(Duration.ofMillis(10)) < 0) {
            throw new IllegalArgumentException("bandit.experiment.refresh is " + refresh + ", expected 10ms or more");
        }
    }
}
