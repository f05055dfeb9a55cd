package dev.bandit.service.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code POST /admin/<action>} on a running service, for one experiment or all of them. Fails when the answer finds a difference. */
abstract class AdminCall implements Callable<Integer> {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final String action;

    @Parameters(arity = "0..1", paramLabel = "EXPERIMENT", description = "One experiment; all of them when left out.")
    private @Nullable String experiment;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The running service (default: ${DEFAULT-VALUE}).")
    private @Nullable URI url;

    @Spec
    private @Nullable CommandSpec spec;

    AdminCall(String action) {
        this.action = action;
    }

    @Override
    public Integer call() {
        var response = post();
        if (response.statusCode() != 200) {
            throw new CommandFailed(
                    "The service answered %d: %s".formatted(response.statusCode(), reason(response.body())));
        }
        var findings = findings(response.body());
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        findings.print(out);
        out.flush();
        return findings.agree() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private HttpResponse<String> post() {
        var service = Objects.requireNonNull(url).toString().replaceFirst("/+$", "");
        var query = experiment == null ? "" : "?experiment=" + URLEncoder.encode(experiment, StandardCharsets.UTF_8);
        try (var client =
                HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build()) {
            var request = HttpRequest.newBuilder(URI.create(service + "/admin/" + action + query))
                    .header("Accept", "application/json, application/problem+json")
                    .POST(BodyPublishers.noBody())
                    .build();
            return client.send(request, BodyHandlers.ofString());
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

    private static Findings findings(String body) {
        try {
            return JSON.readValue(body, Findings.class);
        } catch (JacksonException e) {
            throw new CommandFailed(
                    "The service's answer makes no sense to this version: " + e.getOriginalMessage(), e);
        }
    }

    private static String reason(String body) {
        try {
            var problem = JSON.readTree(body);
            return problem.path("detail").asString(problem.path("title").asString(body));
        } catch (JacksonException e) {
            return body;
        }
    }
}
