package dev.bandit.service.testing;

import dev.bandit.service.BanditApplication;
import dev.bandit.service.testing.Servers.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * The real service as an operating system process of its own, to be killed, stopped, paused and started again; it keeps its port, and
 * with it its {@link #url}, and its data folder. Made by {@link ServiceProcessExtension#service}, which also ends it.
 *
 * <p>It is started through a small shell that holds the read end of a pipe whose write end only this JVM holds: when this JVM ends,
 * however it ends, the service is killed.
 */
public final class ServiceProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String READY = "Bandit is ready at ";
    private static final int SHOWN_LINES = 60;

    /** Arguments: the output file, then the command. Writes the command's process id; ends when the command has, or when stdin does. */
    private static final String LEASH = """
            output=$1; shift
            "$@" >>"$output" 2>&1 </dev/null & service=$!
            echo $service
            exec 3<&0
            (read -r _ <&3; kill -s KILL $service) & watcher=$!
            wait $service
            status=$?
            kill -s KILL $watcher
            exit $status
            """;

    private final Path folder;
    private final int port;
    private final List<String> command;
    private @Nullable Process shell;
    private long pid;
    private int starts;

    /** @param javaOptions with the class path */
    ServiceProcess(String redisUrl, Database database, List<String> javaOptions, List<String> options) {
        try {
            folder = Files.createTempDirectory("bandit-service-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = freePort();
        command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Short lives: start fast, and leave memory and cores to the others.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx384m"));
        command.addAll(javaOptions);
        options.stream().filter(ServiceProcess::isForJvm).forEach(command::add);
        command.addAll(List.of(
                BanditApplication.class.getName(),
                "serve",
                "--port=" + port,
                "--data-dir=" + dataDirectory(),
                "--spring.data.redis.url=" + redisUrl,
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.username(),
                "--spring.datasource.password=" + database.password(),
                "--logging.structured.format.console="));
        options.stream().filter(option -> !isForJvm(option)).forEach(command::add);
    }

    private static boolean isForJvm(String option) {
        return option.startsWith("-X") || option.startsWith("-D");
    }

    /** Starts the service and waits until it takes requests. */
    public ServiceProcess start() {
        launch();
        return awaitReady();
    }

    /** Starts the service and returns at once. */
    public ServiceProcess launch() {
        if (isAlive()) {
            throw new IllegalStateException("The service runs already, as process " + pid);
        }
        starts++;
        var all = new ArrayList<>(
                List.of("/bin/sh", "-c", LEASH, "leash", outputFile().toString()));
        all.addAll(command);
        try {
            var started = new ProcessBuilder(all)
                    .directory(folder.toFile())
                    .redirectError(outputFile().toFile())
                    .start();
            shell = started;
            pid = Long.parseLong(started.inputReader(StandardCharsets.US_ASCII).readLine());
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the service that was launched takes requests. */
    public ServiceProcess awaitReady() {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!output().contains(READY)) {
            if (!isAlive()) {
                throw new AssertionError("The service ended while it started:\n" + lastOutput());
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("The service was not ready within " + PATIENCE + ":\n" + lastOutput());
            }
            pause();
        }
        return this;
    }

    /** Ends it as a crash would (SIGKILL), and waits for its end. */
    public void kill9() {
        signal(pid, "KILL");
        awaitEnd();
    }

    /** Shuts it down (SIGTERM), and waits for its end. */
    public void stop() {
        signal(pid, "TERM");
        awaitEnd();
    }

    /** {@link #kill9}, and starts it again on the same port and data. */
    public ServiceProcess restart() {
        kill9();
        return start();
    }

    /** Freezes it (SIGSTOP) until {@link #thaw}: its connections stay open, and nothing answers. */
    public void freeze() {
        signal(pid, "STOP");
    }

    /** Lets it go on (SIGCONT). */
    public void thaw() {
        signal(pid, "CONT");
    }

    public boolean isAlive() {
        return shell != null && shell.isAlive();
    }

    public long pid() {
        return pid;
    }

    /** {@code http://127.0.0.1:port}, the same over restarts. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Calls it, wherever it is in its life. */
    public ServiceProcessClient client() {
        return new ServiceProcessClient(url());
    }

    /** What it was given as {@code --data-dir}. */
    public Path dataDirectory() {
        return folder.resolve("data");
    }

    /** What it has written since its last start. */
    public String output() {
        try {
            return Files.exists(outputFile()) ? Files.readString(outputFile()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The end of what it wrote in each of its lives, for messages. */
    public String lastOutput() {
        var text = new StringBuilder();
        for (int life = Math.max(1, starts - 2); life <= starts; life++) {
            text.append("--- ").append(url()).append(", life ").append(life).append('\n');
            try (var lines = Files.lines(folder.resolve("output-" + life))) {
                var all = lines.toList();
                text.append(String.join("\n", all.subList(Math.max(0, all.size() - SHOWN_LINES), all.size())));
            } catch (IOException | UncheckedIOException e) {
                text.append(e);
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** Ends it if it runs, and deletes its folder. */
    @Override
    public void close() {
        if (isAlive()) {
            kill9();
        }
        try {
            FileSystemUtils.deleteRecursively(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends a signal to any process that a test has started.
     *
     * @param name such as KILL, STOP, CONT
     */
    public static void signal(long pid, String name) {
        try {
            var kill = new ProcessBuilder("/bin/sh", "-c", "kill -s " + name + " " + pid)
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("Process " + pid + " could not be sent " + name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private void awaitEnd() {
        try {
            if (shell != null && !shell.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("The service did not end within " + PATIENCE + ":\n" + lastOutput());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Path outputFile() {
        return folder.resolve("output-" + starts);
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** From below the range of outgoing connections, so that nobody has taken it when the service starts again. */
    private static int freePort() {
        for (int attempt = 0; attempt < 1_000; attempt++) {
            int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (var socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), candidate));
                return candidate;
            } catch (IOException e) {
                // Taken: another.
            }
        }
        throw new IllegalStateException("No free port");
    }
}
