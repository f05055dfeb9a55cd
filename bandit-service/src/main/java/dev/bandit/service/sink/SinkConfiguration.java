package dev.bandit.service.sink;

import dev.bandit.service.sink.SinkProperties.Kind;
import dev.bandit.service.startup.StartupProblem;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SinkProperties.class)
class SinkConfiguration {

    @Bean
    Followers followers(
            SinkProperties properties,
            SinkProgress progress,
            KafkaProperties kafka,
            Environment environment,
            MeterRegistry metrics) {
        List<Follower> followers = new ArrayList<>();
        for (Kind kind : properties.sinks()) {
            Sink sink = switch (kind) {
                // Written by the snapshots themselves: what the others are copied from.
                case POSTGRES -> null;
                case CONSOLE -> new ConsoleSink();
                case CSV -> new CsvSink(Path.of(properties.csv().folder()));
                case DYNAMODB -> new DynamoDbSink(properties.dynamodb());
                case KAFKA -> new KafkaSink(clients(environment, kafka), properties.kafka());
            };
            if (sink != null) {
                followers.add(new Follower(
                        kind.name().toLowerCase(Locale.ROOT),
                        sink,
                        progress,
                        properties.sink(),
                        InstantSource.system(),
                        metrics));
            }
        }
        return new Followers(followers);
    }

    private static Map<String, Object> clients(Environment environment, KafkaProperties kafka) {
        // The setting itself has a default, which would be looked for in vain.
        if (!environment.containsProperty("spring.kafka.bootstrap-servers")) {
            throw new StartupProblem(
                    "bandit.sinks has kafka, but no broker is named: set spring.kafka.bootstrap-servers, or leave kafka out.");
        }
        return kafka.buildProducerProperties();
    }
}
