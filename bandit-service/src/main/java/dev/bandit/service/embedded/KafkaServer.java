package dev.bandit.service.embedded;

import dev.bandit.service.startup.StartupProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka broker over one folder, its own controller (KRaft), in a JVM of its own: its log and last port live there and survive restarts. It
 * may be stopped, killed and started again any number of times. It listens on loopback only, to anybody there: Kafka's plain listener knows no
 * password.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class KafkaServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaServer.class);
    private static final String NAME = "kafka";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PORT_ATTEMPTS = 5;
    private static final int TIMEOUT_MILLIS = 1_000;

    private final Path jars;
    private final Path folder;
    private final int preferredPort;
    private final String maxHeap;
    private int port;
    private @Nullable Leash leash;

    /**
     * @param jars the folder of the broker's jars
     * @param folder where its data, configuration and log are; made when missing
     * @param preferredPort taken when it is free, or 0; else the last port, else any
     * @param maxHeap as {@code -Xmx} takes it
     */
    public KafkaServer(Path jars, Path folder, int preferredPort, String maxHeap) {
        this.jars = jars.toAbsolutePath();
        this.folder = folder.toAbsolutePath();
        this.preferredPort = preferredPort;
        this.maxHeap = maxHeap;
    }

    /**
     * Starts the broker and returns once it takes clients.
     *
     * @throws StartupProblem when it cannot be started
     */
    public KafkaServer start() {
        if (isRunning()) {
            throw new IllegalStateException("Kafka over " + folder + " is running already");
        }
        try {
            PrivateFiles.createFolders(folder);
            PrivateFiles.write(folder.resolve("log4j2.xml"), resource("kafka-log4j2.xml"));
            var portFile = folder.resolve("port");
            port = preferredPort != 0 && Ports.isFree(preferredPort) ? preferredPort : Ports.preferred(portFile);
            for (int attempt = 1; !started(attempt == PORT_ATTEMPTS); attempt++) {
                port = Ports.free();
            }
            PrivateFiles.write(portFile, Integer.toString(port));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What clients are told: {@code 127.0.0.1:port}. */
    public String bootstrapServers() {
        if (port == 0) {
            throw new IllegalStateException("Kafka over " + folder + " was never started");
        }
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /** The process number of the broker itself. */
    public long pid() {
        if (leash == null) {
            throw new IllegalStateException("Kafka over " + folder + " is not running");
        }
        return leash.pid();
    }

    public Path folder() {
        return folder;
    }

    public boolean isRunning() {
        return leash != null && leash.isAlive();
    }

    /** Shuts down cleanly. */
    public void stop() {
        if (leash != null) {
            leash.stop();
            leash = null;
        }
    }

    /** Ends the process as a crash would (SIGKILL). */
    public void kill() {
        if (leash != null) {
            leash.kill();
            leash = null;
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** Whether it is up; false when the port was taken and another may be tried. */
    private boolean started(boolean lastAttempt) throws IOException {
        var configuration = folder.resolve("server.properties");
        int controllerPort = Ports.free();
        while (controllerPort == port) {
            controllerPort = Ports.free();
        }
        PrivateFiles.write(
                configuration, resource("kafka.properties").formatted(port, controllerPort, folder.resolve("data")));
        if (Files.notExists(folder.resolve("data/meta.properties"))) {
            format(configuration);
        }
        leash = Leash.start(NAME, "TERM", folder, java("kafka.Kafka", configuration.toString()));
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            if (!leash.isAlive()) {
                if (!lastAttempt && leash.said("Address already in use")) {
                    return false;
                }
                throw new StartupProblem(
                        "Kafka did not start: %s (see %s).".formatted(leash.lastWords(), leash.logFile()));
            }
            if (takesClients()) {
                leash.watch();
                log.debug("Kafka takes clients on port {}", port);
                return true;
            }
            if (System.nanoTime() > deadline) {
                kill();
                throw new StartupProblem("Kafka took no clients on port %d within %d s (see %s)."
                        .formatted(port, PATIENCE.toSeconds(), folder.resolve("log")));
            }
            Pause.briefly();
        }
    }

    /** An open port is not enough: the broker opens it before its controller lets it take part. */
    private boolean takesClients() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        } catch (IOException e) {
            return false;
        }
        try (var admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                TIMEOUT_MILLIS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                TIMEOUT_MILLIS))) {
            return !admin.describeCluster()
                    .nodes()
                    .get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                    .isEmpty();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupProblem("Interrupted while Kafka started.", e);
        }
    }

    private void format(Path configuration) throws IOException {
        log.info("Creating a Kafka broker in {}", folder);
        var logFile = folder.resolve("log.format");
        var process = new ProcessBuilder(java(
                        "kafka.tools.StorageTool",
                        "format",
                        "-t",
                        Uuid.randomUuid().toString(),
                        "-c",
                        configuration.toString(),
                        "--ignore-formatted"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(logFile.toFile()))
                .start();
        try {
            if (process.waitFor() != 0) {
                throw new StartupProblem("Kafka could not format its folder: see %s.".formatted(logFile));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new StartupProblem("Interrupted while Kafka formatted its folder.", e);
        }
    }

    private List<String> java(String mainClass, String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + maxHeap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dlog4j2.configurationFile=" + folder.resolve("log4j2.xml"),
                "-cp",
                jars + "/*",
                mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String resource(String name) throws IOException {
        try (var in = KafkaServer.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing beside " + KafkaServer.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
