package dev.bandit.service.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class StreamPropertiesTest {

    @Test
    void defaults() {
        assertThat(bound(Map.of()))
                .isEqualTo(new StreamProperties(
                        "bandit.rewards",
                        "web-events",
                        "bandit.observations",
                        "bandit",
                        2,
                        true,
                        Duration.ofSeconds(5)));
    }

    @Test
    void everything_set() {
        assertThat(bound(Map.of(
                        "bandit.kafka.rewards-topic", "r",
                        "bandit.kafka.events-topic", "e",
                        "bandit.kafka.observations-topic", "o",
                        "bandit.kafka.group-id", "g",
                        "bandit.kafka.consumers", "4",
                        "bandit.kafka.create-topics", "false",
                        "bandit.kafka.measure", "1m")))
                .isEqualTo(new StreamProperties("r", "e", "o", "g", 4, false, Duration.ofMinutes(1)));
    }

    @Test
    void one_topic_for_two_is_refused() {
        assertThatThrownBy(() -> bound(Map.of("bandit.kafka.observations-topic", "web-events")))
                .hasRootCauseMessage(
                        "bandit.kafka.observations-topic is web-events, the events-topic too, expected another");
        assertThatThrownBy(() -> bound(Map.of("bandit.kafka.rewards-topic", "web-events")))
                .hasRootCauseMessage(
                        "bandit.kafka.events-topic is web-events, the rewards-topic too, expected another");
    }

    private static StreamProperties bound(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("bandit.kafka", StreamProperties.class);
    }
}
