package dev.bandit.service.grafana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrafanaSqlTest {

    private final GrafanaSql grafana = new GrafanaSql(
            Instant.parse("2026-11-22T10:00:00Z"),
            Instant.parse("2026-11-22T11:00:00Z"),
            Duration.ofMinutes(1),
            Map.of("experiment", "o'clock"));

    @Test
    void macros_and_variables_become_what_the_data_source_documents() {
        assertThat(grafana.expand(
                        "select $__timeGroupAlias(at,$__interval), $__timeGroup(at, 5m) from t where $__timeFilter(at) and id ="
                                + " ${experiment:sqlstring}"))
                .isEqualTo(
                        "select floor(extract(epoch from at)/60)*60 AS \"time\", floor(extract(epoch from at)/300)*300 from t"
                                + " where at BETWEEN '2026-11-22T10:00:00Z' AND '2026-11-22T11:00:00Z' and id = 'o''clock'");
    }

    /** The third would let whoever names an experiment write SQL. */
    @ParameterizedTest
    @ValueSource(strings = {"$__timeFrobnicate(at)", "$__from", "${experiment}", "'$experiment'", "${other:sqlstring}"})
    void what_is_unknown_or_not_escaped_is_refused(String sql) {
        assertThatIllegalArgumentException().isThrownBy(() -> grafana.expand(sql));
    }
}
