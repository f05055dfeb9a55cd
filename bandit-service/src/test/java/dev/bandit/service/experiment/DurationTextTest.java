package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {

    @ParameterizedTest
    @CsvSource({"0s, 0", "30s, 30", "15m, 900", "72h, 259200", "7d, 604800", "90s, 90", "999999999s, 999999999"})
    void reads_what_people_write(String text, long seconds) {
        assertThat(DurationText.parse("window", text)).isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 59, 60, 61, 3_599, 3_600, 86_400, 86_401, 259_200, 604_800, 2_592_000, 31_536_000})
    void reads_back_what_it_writes(long seconds) {
        Duration duration = Duration.ofSeconds(seconds);

        assertThat(DurationText.parse("window", DurationText.format(duration))).isEqualTo(duration);
    }

    @ParameterizedTest
    @CsvSource({"259200, 72h", "604800, 7d", "900, 15m", "30, 30s", "0, 0s", "86400, 24h"})
    void writes_what_people_would(long seconds, String text) {
        assertThat(DurationText.format(Duration.ofSeconds(seconds))).isEqualTo(text);
    }
}
