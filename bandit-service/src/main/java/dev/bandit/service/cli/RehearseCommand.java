package dev.bandit.service.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Starts the service, uses it a little and stops it, for the JVM to write down what it loads on the way
 * ({@code -XX:AOTCacheOutput}). The launcher runs it once a build.
 */
@Command(name = "rehearse", hidden = true, description = "Start, answer a few requests and stop.")
final class RehearseCommand implements Callable<Integer> {

    private static final int ROUNDS = 200;
    private static final Pattern DECISION = Pattern.compile("\"decision_id\":\"([^\"]+)\"");

    private final Class<?> application;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            required = true,
            description = "Where the rehearsal keeps its files.")
    private @Nullable Path dataDir;

    RehearseCommand(Class<?> application) {
        this.application = application;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        // Other machinery of the log than a terminal gets; a service without one logs like this.
        System.setProperty("logging.structured.format.console", "ecs");
        try (var context = SpringApplication.run(application, "--server.port=0", "--bandit.data-dir=" + dataDir);
                var client = HttpClient.newHttpClient()) {
            var address = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
            send(
                    client,
                    "PUT",
                    address + "/experiments/rehearsal",
                    "{\"variants\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}");
            for (int round = 0; round < ROUNDS; round++) {
                var decision = DECISION.matcher(send(
                        client,
                        "POST",
                        address + "/select",
                        "{\"experiment_id\": \"rehearsal\", \"unit_id\": \"u" + round + "\"}"));
                if (decision.find()) {
                    send(client, "POST", address + "/reward", "{\"decision_id\": \"" + decision.group(1) + "\"}");
                }
            }
            for (var path : new String[] {
                "/health", "/actuator/health/readiness", "/experiments", "/experiments/rehearsal/posterior"
            }) {
                send(client, "GET", address + path, "");
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private static String send(HttpClient client, String method, String url, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url))
                .method(method, BodyPublishers.ofString(body))
                .header("Content-Type", "application/json")
                .build();
        return client.send(request, BodyHandlers.ofString()).body();
    }
}
