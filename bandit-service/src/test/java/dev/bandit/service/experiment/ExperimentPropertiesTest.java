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
        assertThat(bound(Map.of())).isEqualTo(new ExperimentProperties(Duration.ofSeconds(1), Duration.ofMillis(100)));
    }

    @Test
    void mapping() {
        assertThat(bound(Map.of("bandit.experiment.refresh", "5s", "bandit.experiment.miss-refresh", "20ms")))
                .isEqualTo(new ExperimentProperties(Duration.ofSeconds(5), Duration.ofMillis(20)));
    }

    @Test
    void refresh_without_a_pause_is_refused() {
        assertThatThrownBy(() -> bound(Map.of("bandit.experiment.refresh", "0s")))
                .isInstanceOf(BindException.class);
        assertThatThrownBy(() -> bound(Map.of("bandit.experiment.miss-refresh", "-1s")))
                .isInstanceOf(BindException.class);
    }
}
