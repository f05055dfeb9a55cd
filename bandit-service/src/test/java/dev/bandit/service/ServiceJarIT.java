package dev.bandit.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar as a process of its own: how it starts, refuses to start, and ends. */
class ServiceJarIT {

    private static final Path JAR = Path.of("target/bandit-service.jar").toAbsolutePath();
    private static final Pattern READY = Pattern.compile("Bandit is ready at (http://[\\w.:]+)");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    /** One for all tests, so that the servers are unpacked and their cluster is made once. */
    @TempDir
    static Path folder;

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void endAll() throws InterruptedException {
        for (var process : started) {
            process.destroyForcibly().waitFor();
        }
        await().atMost(PATIENCE).until(() -> servers().isEmpty());
    }

    @Test
    void it_brings_its_own_servers_and_takes_them_along() throws Exception {
        var service = start();
        var address = awaitReady(service);
        assertThat(health(address)).contains("UP");
        assertThat(servers()).hasSizeGreaterThanOrEqualTo(2);

        service.destroy();

        assertThat(service.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(servers()).isEmpty();
        assertThat(output()).doesNotContain("ERROR", "Exception");
    }

    @Test
    void a_killed_service_leaves_no_process_and_intact_data() throws Exception {
        var first = start();
        awaitReady(first);
        first.destroyForcibly().waitFor();

        // At once: the new service has to wait for the servers of the killed one.
        var second = start();
        var address = awaitReady(second);
        assertThat(health(address)).contains("UP");

        second.destroyForcibly().waitFor();
        await().atMost(PATIENCE).until(() -> servers().isEmpty());
    }

    @Test
    void a_second_service_on_the_same_data_is_refused() throws Exception {
        var first = start();
        awaitReady(first);

        assertThat(refusal(start()))
                .isEqualTo(
                        "Another Bandit service (process %d) uses the data folder %s; stop it or choose another with --data-dir."
                                .formatted(first.pid(), folder.resolve("data")));
    }

    @Test
    void a_taken_port_is_told_in_one_sentence() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(refusal(start("--port=" + taken.getLocalPort())))
                    .endsWith("Port %d is already in use; choose another with --port.".formatted(taken.getLocalPort()))
                    .doesNotContain("Exception");
        }
        assertThat(servers()).isEmpty();
    }

    @Test
    void without_servers_configured_or_brought_along_it_refuses() throws Exception {
        assertThat(refusal(start("--bandit.embedded.binaries=/nonexistent")))
                .isEqualTo(
                        "This installation brings no servers of its own: set spring.data.redis.url and spring.datasource.url"
                                + " (or SPRING_DATA_REDIS_URL and SPRING_DATASOURCE_URL).");
    }

    @Test
    void an_unwritable_data_folder_is_told_in_one_sentence() throws Exception {
        var file = Files.createFile(folder.resolve("file"));

        assertThat(refusal(start("--data-dir=" + file)))
                .isEqualTo("The data folder %s cannot be written; choose another with --data-dir.".formatted(file));
    }

    @Test
    void an_unknown_option_is_wrong_usage() throws Exception {
        var process = start("--prot=1");

        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(2);
        assertThat(output()).contains("Unknown option: '--prot'").contains("Usage: bandit serve");
    }

    private Process start(String... options) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dbandit.embedded.binaries=" + System.getProperty("bandit.embedded.binaries"),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                JAR.toString(),
                "serve"));
        if (Stream.of(options).noneMatch(option -> option.startsWith("--port"))) {
            command.add("--port=0");
        }
        if (Stream.of(options).noneMatch(option -> option.startsWith("--data-dir"))) {
            command.add("--data-dir=" + folder.resolve("data"));
        }
        command.addAll(List.of(options));
        var output = folder.resolve("output");
        Files.deleteIfExists(output);
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        started.add(process);
        return process;
    }

    private String awaitReady(Process service) {
        return await().atMost(PATIENCE)
                .until(
                        () -> {
                            var ready = READY.matcher(output());
                            assertThat(service.isAlive()).as(output()).isTrue();
                            return ready.find() ? ready : null;
                        },
                        found -> found != null)
                .group(1);
    }

    private String refusal(Process service) throws Exception {
        assertThat(service.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(service.exitValue()).isEqualTo(1);
        return output().strip();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }

    /** Every process that was started on this test's data folder, the services themselves left out. */
    private List<ProcessHandle> servers() {
        var services = started.stream().map(Process::pid).toList();
        return ProcessHandle.allProcesses()
                .filter(process -> !services.contains(process.pid()))
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(folder.toString()))
                        .isPresent())
                .toList();
    }

    private static String health(String address) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(address + "/actuator/health"))
                    .build();
            return client.send(request, BodyHandlers.ofString()).body();
        }
    }
}
