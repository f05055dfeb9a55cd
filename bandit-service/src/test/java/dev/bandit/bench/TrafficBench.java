package dev.bandit.bench;

import dev.bandit.service.embedded.KafkaServer;
import dev.bandit.service.testing.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** {@code bandit traffic} at its highest rate, to a broker that nobody reads from. What it says in the end is the result. */
final class TrafficBench {

    private static final String EXPERIMENTS = """
            tests:
              - test_id: button-color-test
                feedback: exposure
                exposure_event: ButtonDisplayed
                success_event: ButtonClicked
                variants: [{name: control}, {name: treatment}]
            """;

    private final Path folder;

    TrafficBench(Path folder) {
        this.folder = folder;
    }

    void run() throws IOException, InterruptedException, ExecutionException {
        Path file = Files.writeString(folder.resolve("experiments.yaml"), EXPERIMENTS);
        try (KafkaServer kafka = Servers.newKafka().start()) {
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
                admin.createTopics(List.of(new NewTopic("web-events", 4, (short) 1)))
                        .all()
                        .get();
            }
            for (String rate : List.of("50000", "100000", "0")) {
                int exit = new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "dev.bandit.service.BanditApplication",
                                "traffic",
                                "--config=" + file,
                                "--brokers=" + kafka.bootstrapServers(),
                                "--eps=" + rate,
                                "--duration=30",
                                "--prob=control=0.35,treatment=0.55")
                        .inheritIO()
                        .start()
                        .waitFor();
                if (exit != 0) {
                    throw new IllegalStateException("traffic ended with " + exit);
                }
            }
        }
    }
}
