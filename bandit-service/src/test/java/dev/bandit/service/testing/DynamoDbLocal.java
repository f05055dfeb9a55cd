package dev.bandit.service.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Amazon's DynamoDB Local over one folder, as a process of its own that ends with this JVM. It keeps its port and its data over
 * {@code kill()} and {@code start()}, and takes whatever credentials it is given: {@link #CREDENTIALS}, say.
 *
 * <p>Its jars are those of the module {@code bandit-dynamodb-local}, which has to be built before.
 */
public final class DynamoDbLocal {

    /** Settings of a JVM that make the usual chain of providers find some. */
    public static final List<String> CREDENTIALS = List.of("-Daws.accessKeyId=local", "-Daws.secretAccessKey=local");

    private static final Path JARS = Path.of(
                    System.getProperty("bandit.test.dynamodb", "../bandit-dynamodb-local/target/jars"))
            .toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Arguments: the output file, then the command. The server is killed when stdin closes, as it does with this JVM. */
    private static final String LEASH = """
            output=$1; shift
            "$@" >>"$output" 2>&1 </dev/null & server=$!
            read -r _
            kill -s KILL $server
            wait $server
            """;

    private final Path folder;
    private final int port = freePort();
    private @Nullable Process shell;

    DynamoDbLocal(Path folder) {
        this.folder = folder;
    }

    /** Makes the usual chain of providers find {@link #CREDENTIALS} in this JVM. */
    public static void logIn() {
        CREDENTIALS.forEach(option -> {
            var pair = option.substring("-D".length()).split("=", 2);
            System.setProperty(pair[0], pair[1]);
        });
    }

    /** Starts the server and returns once it takes connections. */
    public DynamoDbLocal start() {
        if (!Files.isDirectory(JARS)) {
            throw new IllegalStateException(JARS + " is missing: build the module bandit-dynamodb-local first");
        }
        try {
            Files.createDirectories(folder.resolve("data"));
            var command = new ArrayList<>(List.of(
                    "/bin/sh", "-c", LEASH, "leash", folder.resolve("log").toString()));
            command.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx192m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    JARS + "/*",
                    "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
                    "-dbPath",
                    folder.resolve("data").toString(),
                    "-sharedDb",
                    "-disableTelemetry",
                    "-port",
                    Integer.toString(port)));
            shell = new ProcessBuilder(command).directory(folder.toFile()).start();
            var deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!answers()) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "DynamoDB Local did not start: " + Files.readString(folder.resolve("log")));
                }
                Thread.sleep(50);
            }
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends it as a crash would (SIGKILL), and waits for its end. */
    public void kill() {
        if (shell == null) {
            return;
        }
        try {
            shell.getOutputStream().close();
            shell.waitFor();
            shell = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** A new client of it, to be closed by the test. */
    public DynamoDbClient client() {
        return DynamoDbClient.builder()
                .endpointOverride(endpoint())
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    private boolean answers() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** From below the range of outgoing connections, so that nobody has taken it when the server starts again. */
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
