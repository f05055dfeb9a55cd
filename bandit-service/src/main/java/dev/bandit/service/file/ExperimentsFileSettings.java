package dev.bandit.service.file;

import dev.bandit.service.startup.StartupProblem;
import java.nio.file.Path;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;

/**
 * Makes Spring properties of what the file named by {@code bandit.config} says of brokers, topics, tables and sinks, so that there is one
 * way to every setting. The command line and environment variables win over the file, the file over {@code application.yaml}.
 */
final class ExperimentsFileSettings implements EnvironmentPostProcessor, Ordered {

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        String file = environment.getProperty("bandit.config", "");
        if (file.isBlank()) {
            return;
        }
        MutablePropertySources sources = environment.getPropertySources();
        MapPropertySource settings = new MapPropertySource(FileWatch.ACTOR, settings(Path.of(file)));
        if (sources.contains(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)) {
            sources.addAfter(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, settings);
        } else {
            sources.addLast(settings);
        }
    }

    private static Map<String, Object> settings(Path file) {
        try {
            return Map.copyOf(ExperimentsFileReader.read(file).settings());
        } catch (InvalidFile e) {
            throw new StartupProblem(e.getMessage(), e);
        }
    }

    /** After {@code application.yaml}, which may name the file. */
    @Override
    public int getOrder() {
        return ConfigDataEnvironmentPostProcessor.ORDER + 1;
    }
}
