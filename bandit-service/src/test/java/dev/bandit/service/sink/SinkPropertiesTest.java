package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.sink.SinkProperties.Csv;
import dev.bandit.service.sink.SinkProperties.DynamoDb;
import dev.bandit.service.sink.SinkProperties.Following;
import dev.bandit.service.sink.SinkProperties.Kafka;
import dev.bandit.service.sink.SinkProperties.Kind;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class SinkPropertiesTest {

    private static SinkProperties bound(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties)).bindOrCreate("bandit", SinkProperties.class);
    }

    @Test
    void defaults() {
        assertThat(bound(Map.of()))
                .isEqualTo(new SinkProperties(
                        Set.of(Kind.POSTGRES),
                        new Following(Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ofDays(1)),
                        new Csv("."),
                        new DynamoDb("ab_posteriors", "us-east-1", null),
                        new Kafka("posteriors_out", "metrics_out")));
    }

    @Test
    void mapping() {
        assertThat(bound(Map.ofEntries(
                        Map.entry("bandit.sinks", "console,csv,dynamodb,kafka"),
                        Map.entry("bandit.sink.check", "1s"),
                        Map.entry("bandit.sink.retry", "2s"),
                        Map.entry("bandit.sink.catch-up", "3h"),
                        Map.entry("bandit.csv.folder", "/tmp/x"),
                        Map.entry("bandit.dynamodb.table", "t"),
                        Map.entry("bandit.dynamodb.region", "eu-west-1"),
                        Map.entry("bandit.dynamodb.endpoint", "http://localhost:8000"),
                        Map.entry("bandit.kafka.posteriors-topic", "p"),
                        Map.entry("bandit.kafka.metrics-topic", "m"),
                        Map.entry("bandit.kafka.another", "is somebody else's"))))
                .isEqualTo(new SinkProperties(
                        Set.of(Kind.CONSOLE, Kind.CSV, Kind.DYNAMODB, Kind.KAFKA),
                        new Following(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofHours(3)),
                        new Csv("/tmp/x"),
                        new DynamoDb("t", "eu-west-1", URI.create("http://localhost:8000")),
                        new Kafka("p", "m")));
    }

    @ParameterizedTest
    @CsvSource({
        "bandit.sinks,postgres;mongo",
        "bandit.sink.retry,0s",
        "bandit.sink.check,-1s",
        "bandit.sink.catch-up,0s"
    })
    void wrong_values_are_refused(String name, String value) {
        assertThatThrownBy(() -> bound(Map.of(name, value.replace(';', ',')))).isInstanceOf(BindException.class);
    }
}
