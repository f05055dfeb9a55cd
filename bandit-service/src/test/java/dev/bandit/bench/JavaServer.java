package dev.bandit.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A server in a JVM of its own, the service or a ceiling, all with the same options of the JVM: those of a server, unlike the
 * {@code ServiceProcess} of the tests. It ends with this JVM, however that ends.
 */
final class JavaServer implements AutoCloseable {

    private static final List<String> JVM = List.of(
            "-Xms1g",
            "-Xmx1g",
            // So that no compiler's thread ends and takes the count of its time along.
            "-XX:-UseDynamicNumberOfCompilerThreads");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String LEASH = """
            "$@" </dev/null >output 2>&1 & server=$!
            echo $server
            read -r _
            kill -s TERM $server
            (sleep 20; kill -s KILL $server) 2>/dev/null & watcher=$!
            wait $server
            kill $watcher
            """;

    private final String name;
    private final Path folder;
    private final int port;
    private final Process shell;
    private final long pid;

    /**
     * Starts it and waits until it takes connections.
     *
     * @param options of the JVM
     * @param main the class whose {@code main} runs the server
     * @param arguments <code>{port}</code> in one becomes the port
     */
    JavaServer(String name, Path folder, List<String> options, String main, List<String> arguments) {
        this.name = name;
        this.folder = folder;
        this.port = freePort();
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", LEASH, "leash"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(options);
        command.addAll(List.of("-cp", classPath(main), main));
        arguments.forEach(argument -> command.add(argument.replace("{port}", Integer.toString(port))));
        try {
            Files.createDirectories(folder);
            shell = new ProcessBuilder(command).directory(folder.toFile()).start();
            pid = Long.parseLong(shell.inputReader(StandardCharsets.US_ASCII).readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady();
    }

    int port() {
        return port;
    }

    long pid() {
        return pid;
    }

    Path folder() {
        return folder;
    }

    double cpuSeconds() {
        return Processes.cpuSecondsWithoutCompilers(pid);
    }

    /** Sends a request that has to succeed, and returns the answer's body. */
    String send(String method, String path, String json) {
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .header("Content-Type", "application/json")
                            .timeout(Duration.ofMinutes(15))
                            .method(method, HttpRequest.BodyPublishers.ofString(json))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() / 100 != 2) {
                throw new IllegalStateException(name + " answered " + answer.statusCode() + " to " + method + " " + path
                        + ": " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitReady() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (!shell.isAlive() || ProcessHandle.of(pid).isEmpty() || System.nanoTime() > deadline) {
                    String said = output();
                    close();
                    throw new IllegalStateException(name + " did not start:\n" + said);
                }
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** All it has printed. */
    String output() {
        try {
            return Files.readString(folder.resolve("output"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() {
        try {
            shell.getOutputStream().close();
            if (!shell.waitFor(30, TimeUnit.SECONDS)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The service gets no classes of the tests, as when it is installed. */
    private static String classPath(String main) {
        try {
            Path tests = Path.of(JavaServer.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            boolean ours = main.startsWith(JavaServer.class.getPackageName() + ".");
            return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(entry -> Path.of(entry).toAbsolutePath())
                    .filter(entry -> ours || !entry.equals(tests))
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
