package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class ExperimentPropertiesTest {

    private static ExperimentProperties bound(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("bandit.experiment", ExperimentProperties.class);
    }

    @Test
    void defaults() {
        assertThat(bound(Map.of())).isEqualTo(new ExperimentProperties(Duration.ofSeconds(1)));
    }

    @Test
    void mapping() {
        assertThat(bound(Map.of("bandit.experiment.refresh", "5s")))
                .isEqualTo(new ExperimentProperties(Duration.ofSeconds(5)));
    }

    @Test
    void refresh_without_a_pause_is_refused() {
        assertThatThrownBy(() -> bound(Map.of("bandit.experiment.refresh", "0s")))
                .isInstanceOf(BindException.class);
    }
}
