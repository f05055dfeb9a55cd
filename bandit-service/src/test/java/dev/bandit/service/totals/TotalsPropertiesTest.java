package dev.bandit.service.totals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class TotalsPropertiesTest {

    private static TotalsProperties bound(String file) {
        return new Binder(new MapConfigurationPropertySource(Map.of("bandit.totals.metrics-csv", file)))
                .bindOrCreate("bandit.totals", TotalsProperties.class);
    }

    @Test
    void mapping() {
        assertThat(bound("experiment_metrics.csv")).isEqualTo(new TotalsProperties("experiment_metrics.csv"));
    }

    @Test
    void an_empty_path_is_refused() {
        assertThatThrownBy(() -> bound(" "))
                .isInstanceOf(BindException.class)
                .hasRootCauseMessage("bandit.totals.metrics-csv is empty, expected the path of a file");
    }
}
