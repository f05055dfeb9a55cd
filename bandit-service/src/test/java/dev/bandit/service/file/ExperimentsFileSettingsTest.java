package dev.bandit.service.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

/** Who wins over whom: the command line, the environment, experiments.yaml, application.yaml, the defaults of a command. */
class ExperimentsFileSettingsTest {

    private static final String BROKERS = "spring.kafka.bootstrap-servers";

    @TempDir
    private Path folder;

    @Configuration(proxyBeanMethods = false)
    static class Nothing {}

    @Test
    void what_the_file_names_wins_over_the_defaults_of_a_command_and_what_it_does_not_name_stays() throws IOException {
        var found = found(Map.of(), "output_sink: [csv, kafka]\n", List.of());

        assertThat(found.getProperty("bandit.sinks")).isEqualTo("csv,kafka");
        assertThat(found.getProperty("bandit.snapshot.interval")).isEqualTo("7s");
        assertThat(found.containsProperty(BROKERS)).isFalse();
    }

    @Test
    void the_environment_wins_over_the_file() throws IOException {
        var found = found(
                Map.of("BANDIT_SINKS", "console", "SPRING_KAFKA_BOOTSTRAP_SERVERS", "environment:9092"),
                "output_sink: [csv]\nsnapshot_interval: 10s\nkafka: {brokers: 'file:9092', events_topic: e}\n",
                List.of());

        assertThat(found.getProperty("bandit.sinks")).isEqualTo("console");
        assertThat(found.getProperty(BROKERS)).isEqualTo("environment:9092");
        // Of what only the file names, the file is right, also within one part of it.
        assertThat(found.getProperty("bandit.kafka.events-topic")).isEqualTo("e");
        assertThat(found.getProperty("bandit.snapshot.interval")).isEqualTo("10s");
    }

    @Test
    void the_command_line_wins_over_both() throws IOException {
        var found = found(
                Map.of("BANDIT_SINKS", "console", "SPRING_KAFKA_BOOTSTRAP_SERVERS", "environment:9092"),
                "output_sink: [csv]\nkafka: {brokers: 'file:9092'}\n",
                List.of("--bandit.sinks=kafka", "--" + BROKERS + "=line:9092"));

        assertThat(found.getProperty("bandit.sinks")).isEqualTo("kafka");
        assertThat(found.getProperty(BROKERS)).isEqualTo("line:9092");
    }

    /** What a service would find that is told all of this; it has no parts, and so asks for nothing. */
    private Environment found(Map<String, Object> variables, String settings, List<String> options) throws IOException {
        var file = Files.writeString(folder.resolve("experiments.yaml"), settings + "tests: []\n");
        var application = new SpringApplication(Nothing.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setDefaultProperties(Map.of("bandit.sinks", "console", "bandit.snapshot.interval", "7s"));
        application.setEnvironment(new StandardEnvironment() {
            @Override
            public Map<String, Object> getSystemEnvironment() {
                return variables;
            }
        });
        var arguments = new ArrayList<>(List.of(
                "--bandit.config=" + file,
                "--spring.data.redis.url=redis://none",
                "--spring.datasource.url=jdbc:none"));
        arguments.addAll(options);
        try (var context = application.run(arguments.toArray(String[]::new))) {
            return context.getEnvironment();
        }
    }
}
