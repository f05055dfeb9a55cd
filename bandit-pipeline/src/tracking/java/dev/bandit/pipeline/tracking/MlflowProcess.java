package dev.bandit.pipeline.tracking;

import dev.bandit.pipeline.testing.StartedProgram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A real MLflow server that keeps runs in SQLite and serves artifacts from a folder. */
public final class MlflowProcess implements AutoCloseable {

    private final StartedProgram program;
    private final URI uri;
    private final Path artifacts;

    private MlflowProcess(StartedProgram program, URI uri, Path artifacts) {
        this.program = program;
        this.uri = uri;
        this.artifacts = artifacts;
    }

    public static MlflowProcess start(Path folder) {
        int port = freePort();
        StartedProgram program = StartedProgram.start(
                folder.resolve("mlflow.log"),
                Map.of("MLFLOW_DISABLE_TELEMETRY", "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),
                List.of(
                        python().resolveSibling("mlflow").toString(),
                        "server",
                        "--host=127.0.0.1",
                        "--port=" + port,
                        "--workers=1",
                        "--backend-store-uri=sqlite:///" + folder.resolve("mlflow.db"),
                        "--artifacts-destination=" + folder.resolve("artifacts")));
        program.await(Pattern.compile("Application startup complete"));
        return new MlflowProcess(program, URI.create("http://127.0.0.1:" + port), folder.resolve("artifacts"));
    }

    /** In whose folder everything is installed. */
    static Path python() {
        Path python = Path.of(System.getProperty("bandit.python"));
        if (!Files.exists(python)) {
            throw new AssertionError(python + " is missing; CONTRIBUTING.md says how to install it.");
        }
        return python.toAbsolutePath();
    }

    public URI uri() {
        return uri;
    }

    /** The names of the files that are kept with a run. */
    List<String> artifacts(String run) {
        try (var all = Files.walk(artifacts)) {
            return all.filter(file -> file.getParent().endsWith(Path.of(run, "artifacts")))
                    .map(file -> file.getFileName().toString())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        program.close();
    }
}
