package dev.bandit.service.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.analyze.Analysis;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged engine with servers of its own: events in, snapshots out, and nothing that it counted left out at its end. */
@Timeout(600)
class EngineIT {

    private static final Path JAR = Path.of("target/bandit-service.jar").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int EXPOSURES = 1_500;
    private static final int SUCCESSES = 400;

    @TempDir
    private Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() throws InterruptedException {
        for (var process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void what_it_counted_is_in_its_last_snapshot_and_it_ends_when_its_time_is_over() throws Exception {
        int port = freePort();
        // So far apart that only the last one can hold the events.
        var engine = engine("first", "--embedded-kafka", "" + port, "--bandit.snapshot.interval=1d");
        await().atMost(PATIENCE).until(() -> {
            assertThat(engine.isAlive()).as(output("first")).isTrue();
            return output("first").contains("The engine runs; Ctrl-C stops it.")
                    && output("first").contains("made the topic web-events-dlt");
        });
        send(port);
        await().atMost(PATIENCE).until(() -> output("first").contains("  1,900 applied, 0 behind"));
        engine.destroy();
        assertThat(engine.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

        assertEverythingIsThere("first");

        // Again on the same data, for a second: nothing is lost, nothing comes twice.
        var again = engine("second", "--embedded-kafka", "" + port, "--run-for", "1");
        assertThat(again.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).as(output("second")).isZero();
        assertThat(output("second")).contains("The engine runs for 1 s.").containsPattern(" 0 applied,.* behind");
        assertEverythingIsThere("second");
    }

    private void assertEverythingIsThere(String name) throws IOException {
        // The console's table ends with the rows of the last tick.
        assertThat(output(name).substring(output(name).lastIndexOf("posteriors at ")))
                .containsPattern("button +control +" + EXPOSURES + " +" + SUCCESSES + " ")
                .containsPattern("button +treatment +0 +0 ");
        var control = Analysis.of(folder.resolve("csv"), "button")
                .tests()
                .getFirst()
                .variants()
                .getFirst();
        assertThat(control.exposuresTotal()).isEqualTo(EXPOSURES);
        assertThat(control.successesTotal()).isEqualTo(SUCCESSES);
        assertThat(control.posterior().alpha()).isEqualTo(1.0 + SUCCESSES);
    }

    private void send(int port) {
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", "127.0.0.1:" + port), new StringSerializer(), new StringSerializer())) {
            var now = Instant.now();
            for (int i = 0; i < EXPOSURES + SUCCESSES; i++) {
                var type = i < EXPOSURES ? "Shown" : "Clicked";
                producer.send(new ProducerRecord<>(
                        "web-events", "user-" + i, """
                        {"event_id":"%s","event_type":"%s","test_id":"button","variant":"control","user_id":"user-%d","timestamp":"%s"}""".formatted(UUID.randomUUID(), type, i, now)));
            }
        }
    }

    private Process engine(String name, String... options) throws IOException {
        var config = Files.writeString(folder.resolve("experiments.yaml"), """
                tests:
                  - test_id: button
                    feedback: exposure
                    exposure_event: Shown
                    success_event: Clicked
                    variants: [{name: control}, {name: treatment}]
                """);
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dbandit.embedded.binaries=" + System.getProperty("bandit.embedded.binaries"),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString(),
                "engine",
                "--config=" + config,
                "--data-dir=" + folder.resolve("data"),
                "--progress-interval=1",
                "--bandit.sinks=console,csv",
                "--bandit.csv.folder=" + folder.resolve("csv"),
                "--bandit.kafka.measure=1s"));
        command.addAll(List.of(options));
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name).toFile())
                .start();
        started.add(process);
        return process;
    }

    private String output(String name) {
        try {
            return Files.readString(folder.resolve(name), UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
