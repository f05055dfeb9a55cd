package dev.bandit.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** A request to a running service; every way it can fail is told in a sentence. */
public final class ServiceCall {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The running service (default: ${DEFAULT-VALUE}).")
    private @Nullable URI url;

    /**
     * The body of its answer.
     *
     * @param path with its query
     * @throws CommandFailed if there is none, or it is no success
     */
    public String send(String method, String path) {
        var service = Objects.requireNonNull(url).toString().replaceFirst("/+$", "");
        try (var client =
                HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build()) {
            var request = HttpRequest.newBuilder(URI.create(service + path))
                    .header("Accept", "application/json, application/problem+json, text/plain, text/markdown")
                    .method(method, BodyPublishers.noBody())
                    .build();
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new CommandFailed(
                        "The service answered %d: %s".formatted(response.statusCode(), reason(response.body())));
            }
            return response.body();
        } catch (ConnectException e) {
            throw new CommandFailed(
                    "No service answers at %s; start one with ./bandit serve, or name it with --url."
                            .formatted(service),
                    e);
        } catch (IOException e) {
            throw new CommandFailed("%s broke off: %s".formatted(service, e.getMessage()), e);
        } catch (IllegalArgumentException e) {
            throw new CommandFailed("%s is no http address: %s".formatted(service, e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("Interrupted", e);
        }
    }

    private static String reason(String body) {
        try {
            var problem = JsonMapper.shared().readTree(body);
            return problem.path("detail").asString(problem.path("title").asString(body));
        } catch (JacksonException e) {
            return body;
        }
    }
}
