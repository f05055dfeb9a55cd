package dev.bandit.service.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class WebPropertiesTest {

    private static WebProperties bound(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("bandit.web", WebProperties.class);
    }

    @Test
    void defaults() {
        assertThat(bound(Map.of())).isEqualTo(new WebProperties(DataSize.ofBytes(1_048_576), 1_024));
    }

    @Test
    void mapping() {
        assertThat(bound(Map.of("bandit.web.max-body", "64KB", "bandit.web.max-concurrent", "7")))
                .isEqualTo(new WebProperties(DataSize.ofKilobytes(64), 7));
    }

    @Test
    void limits_that_would_refuse_everything_are_refused() {
        assertThatThrownBy(() -> bound(Map.of("bandit.web.max-concurrent", "0")))
                .isInstanceOf(BindException.class);
        assertThatThrownBy(() -> bound(Map.of("bandit.web.max-body", "0"))).isInstanceOf(BindException.class);
    }
}
