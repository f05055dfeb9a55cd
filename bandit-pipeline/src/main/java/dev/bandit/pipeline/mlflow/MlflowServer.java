package dev.bandit.pipeline.mlflow;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.Serial;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** MLflow's REST interface: what may pass is tried again, what is refused is told in a sentence. */
final class MlflowServer implements AutoCloseable {

    /** It was asked for something it does not do. */
    static final class Refused extends CommandFailed {

        @Serial
        private static final long serialVersionUID = 1L;

        /** Such as {@code RESOURCE_DOES_NOT_EXIST}. */
        final String code;

        Refused(String code, String message) {
            super(message);
            this.code = code;
        }
    }

    /** It did not answer, or could not. */
    private static final class Unavailable extends CommandFailed {

        @Serial
        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }

        Unavailable(String message, IOException cause) {
            super(message, cause);
        }
    }

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int ATTEMPTS = 6;
    private static final int TOO_MANY_REQUESTS = 429;

    private final String base;
    private final Optional<String> authorization;
    private final Duration pause;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();

    /**
     * @param pause before the second attempt; it doubles from there
     * @throws IllegalArgumentException if it is no http address, or has credentials in it
     */
    MlflowServer(URI server, Map<String, String> environment, Duration pause) {
        this.base = checked(server).toString().replaceFirst("/+$", "");
        this.authorization = authorization(environment);
        this.pause = pause;
    }

    static URI checked(URI server) {
        String scheme = String.valueOf(server.getScheme());
        if (server.getRawUserInfo() != null) {
            throw new IllegalArgumentException(
                    "credentials do not belong in the address; MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD hold them");
        }
        if (!scheme.equals("http") && !scheme.equals("https")
                || server.getHost() == null
                || server.getQuery() != null) {
            throw new IllegalArgumentException(
                    "expected the http address of an MLflow server, such as http://localhost:5000");
        }
        return server;
    }

    /** As MLflow's own clients do it: a user goes before a token. */
    private static Optional<String> authorization(Map<String, String> environment) {
        String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
        String password = environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
        String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
        if (!user.isEmpty() && !password.isEmpty()) {
            byte[] login = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return Optional.of("Basic " + Base64.getEncoder().encodeToString(login));
        }
        return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
    }

    /** {@code GET /api/2.0/mlflow/…}. */
    JsonNode get(String call, Map<String, String> query) {
        return retrying(() -> getOnce(call, query));
    }

    private JsonNode getOnce(String call, Map<String, String> query) {
        String parameters = query.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return once("GET", call, "/api/2.0/mlflow/" + call + "?" + parameters, BodyPublishers.noBody());
    }

    /** {@code POST /api/2.0/mlflow/…} of what may be said twice. */
    JsonNode post(String call, Object body) {
        return retrying(() -> postOnce(call, body));
    }

    /** {@code POST /api/2.0/mlflow/…}; for use in {@link #retrying}. */
    JsonNode postOnce(String call, Object body) {
        return once(
                "POST",
                call,
                "/api/2.0/mlflow/" + call,
                BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(body)));
    }

    /** Puts a file where the server keeps artifacts. */
    void put(String artifact, Path file) {
        retrying(() -> {
            try {
                return once(
                        "PUT",
                        "mlflow-artifacts",
                        "/api/2.0/mlflow-artifacts/artifacts/" + encoded(artifact),
                        BodyPublishers.ofFile(file));
            } catch (IOException e) {
                throw new CommandFailed(file + " cannot be read: " + e.getMessage(), e);
            }
        });
    }

    private static String encoded(String path) {
        return URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }

    /** Does it until the server answers, a few times. */
    <T> T retrying(Supplier<T> attempt) {
        Duration wait = pause;
        for (int i = 1; ; i++) {
            try {
                return attempt.get();
            } catch (Unavailable e) {
                if (i == ATTEMPTS) {
                    throw e;
                }
            }
            sleep(wait);
            wait = wait.multipliedBy(2);
        }
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("Interrupted", e);
        }
    }

    private JsonNode once(String method, String call, String path, BodyPublisher body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(ANSWER).method(method, body);
        if (!method.equals("PUT")) {
            request.header("Content-Type", "application/json");
        }
        authorization.ifPresent(value -> request.header("Authorization", value));
        HttpResponse<String> response;
        try {
            response = http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new Unavailable("No MLflow server answers at %s (%s).".formatted(base, call), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed("Interrupted", e);
        }
        return read(call, response);
    }

    private JsonNode read(String call, HttpResponse<String> response) {
        int status = response.statusCode();
        String body = response.body();
        if (status == 200) {
            try {
                return JsonMapper.shared().readTree(body.isBlank() ? "{}" : body);
            } catch (JacksonException e) {
                throw new CommandFailed(
                        "What answers at %s is no MLflow server: %s gave no JSON.".formatted(base, call), e);
            }
        }
        String reason = "MLflow at %s answered %d to %s".formatted(base, status, call);
        if (status >= 500 || status == TOO_MANY_REQUESTS) {
            throw new Unavailable(reason + ".");
        }
        try {
            JsonNode problem = JsonMapper.shared().readTree(body);
            throw new Refused(
                    problem.path("error_code").asString(""),
                    reason + ": " + problem.path("message").asString("no reason given"));
        } catch (JacksonException e) {
            throw new Refused(
                    "",
                    status == 401 || status == 403 ? reason + ": the credentials are missing or wrong." : reason + ".");
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
