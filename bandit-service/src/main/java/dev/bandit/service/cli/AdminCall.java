package dev.bandit.service.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code POST /admin/<action>} on a running service, for one experiment or all of them. */
abstract class AdminCall implements Callable<Integer> {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final String action;

    @Parameters(arity = "0..1", paramLabel = "EXPERIMENT", description = "One experiment; all of them when left out.")
    private @Nullable String experiment;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "The running service (default: ${DEFAULT-VALUE}).")
    private URI url = URI.create("http://127.0.0.1:8080");

    @Spec
    private @Nullable CommandSpec spec;

    AdminCall(String action) {
        this.action = action;
    }

    @Override
    public Integer call() {
        var answer = post();
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        print(answer, out);
        out.flush();
        return isBad(answer) ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    /** Whether the answer says that something is wrong. */
    abstract boolean isBad(JsonNode answer);

    private void print(JsonNode answer, PrintWriter out) {
        out.print(Table.of(answer));
    }

    private JsonNode post() {
        var query = experiment == null ? "" : "?experiment=" + URLEncoder.encode(experiment, StandardCharsets.UTF_8);
        var target = URI.create(url.toString().replaceFirst("/+$", "") + "/admin/" + action + query);
        try (var client = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build()) {
            var request = HttpRequest.newBuilder(target)
                    .header("Accept", "application/json, application/problem+json")
                    .POST(BodyPublishers.noBody())
                    .build();
            var response = client.send(request, BodyHandlers.ofString());
            var body = parsed(response.body());
            if (response.statusCode() != 200) {
                throw new CommandFailed("%s answered %d: %s".formatted(target, response.statusCode(), reason(body)));
            }
            return body;
        } catch (ConnectException e) {
            throw new CommandFailed("No service answers at %s; start one with ./bandit serve, or name it with --url.".formatted(url), e);
        } catch (IOException | JacksonException e) {
            throw new CommandFailed("%s gave no usable answer: %s".formatted(target, e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("Interrupted", e);
        }
    }

    private static JsonNode parsed(String body) {
        return JsonMapper.shared().readTree(body.isBlank() ? "{}" : body);
    }

    private static String reason(JsonNode problem) {
        return problem.path("detail").asString(problem.path("title").asString("(no reason given)"));
    }
}
