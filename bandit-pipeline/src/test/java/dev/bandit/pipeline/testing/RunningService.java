package dev.bandit.pipeline.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The real service in a process of its own, with its embedded servers; from the jar that the build of bandit-service leaves. */
public final class RunningService implements AutoCloseable {

    private static final Path JAR = Path.of("../bandit-service/target/bandit-service.jar");
    private static final Pattern READY = Pattern.compile("Bandit is ready at (http://[^ \"]+)");

    private final StartedProgram program;
    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;

    private RunningService(StartedProgram program, String url) {
        this.program = program;
        this.url = url;
    }

    /** @param folder for its data; may be new */
    public static RunningService start(Path folder) {
        if (!Files.exists(JAR)) {
            throw new AssertionError(
                    "Build the service first: ./mvnw -Dquick -DskipTests -pl bandit-service -am package");
        }
        StartedProgram program = StartedProgram.start(
                folder.resolve("service.log"),
                Map.of(),
                List.of(
                        java(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Xmx384m",
                        "-Dbandit.embedded.binaries=" + JAR.resolveSibling("embedded"),
                        "-jar",
                        JAR.toString(),
                        "serve",
                        "--port=0",
                        "--data-dir=" + folder.resolve("data")));
        Matcher ready = program.await(READY);
        return new RunningService(program, ready.group(1).replaceFirst("/$", ""));
    }

    /** The JVM of this test. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    public String url() {
        return url;
    }

    public JsonNode put(String path, Map<String, ?> body) {
        return send("PUT", path, body);
    }

    public JsonNode post(String path, Map<String, ?> body) {
        return send("POST", path, body);
    }

    private JsonNode send(String method, String path, Map<String, ?> body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(body)))
                .build();
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            if (response.statusCode() / 100 != 2) {
                throw new AssertionError(method + " " + path + ": " + response.statusCode() + " " + response.body());
            }
            return JsonMapper.shared().readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        http.close();
        program.close();
    }
}
