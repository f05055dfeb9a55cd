package dev.bandit.service.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.embedded.RedisServer.Fsync;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class EmbeddedPropertiesTest {

    @Test
    void defaults() {
        assertThat(bound(Map.of()))
                .isEqualTo(new EmbeddedProperties(
                        null,
                        new EmbeddedProperties.Redis(Fsync.EVERYSEC),
                        new EmbeddedProperties.Postgres(60),
                        new EmbeddedProperties.Kafka(false, 9092, "256m")));
    }

    @Test
    void everything_set() {
        assertThat(bound(Map.of(
                        "bandit.embedded.binaries", "/opt/servers",
                        "bandit.embedded.redis.appendfsync", "always",
                        "bandit.embedded.postgres.max-connections", "200",
                        "bandit.embedded.kafka.port", "19092",
                        "bandit.embedded.kafka.max-heap", "1g")))
                .isEqualTo(new EmbeddedProperties(
                        Path.of("/opt/servers"),
                        new EmbeddedProperties.Redis(Fsync.ALWAYS),
                        new EmbeddedProperties.Postgres(200),
                        new EmbeddedProperties.Kafka(false, 19092, "1g")));
    }

    private static EmbeddedProperties bound(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("bandit.embedded", EmbeddedProperties.class);
    }
}
