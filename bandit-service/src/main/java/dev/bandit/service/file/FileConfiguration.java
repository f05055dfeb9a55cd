package dev.bandit.service.file;

import dev.bandit.service.experiment.ExperimentRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Objects;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The watch over the file, if one is named. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("bandit.config")
@EnableConfigurationProperties(FileProperties.class)
class FileConfiguration {

    @Bean
    FileWatch experimentsFileWatch(FileProperties properties, ExperimentRegistry experiments, MeterRegistry metrics) {
        return new FileWatch(Path.of(Objects.requireNonNull(properties.config())), experiments, metrics);
    }
}
