package dev.bandit.service.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls a service with JSON; safe for many threads. */
public final class ServiceProcessClient {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final String url;

    /** @param url without a path */
    public ServiceProcessClient(String url) {
        this.url = url;
    }

    /** An answer, whatever its status. */
    public record Answer(int status, HttpHeaders headers, JsonNode body) {

        /** The text of a field of the body. */
        public String text(String field) {
            return body.required(field).asString();
        }

        public Optional<String> header(String name) {
            return headers.firstValue(name);
        }

        @Override
        public String toString() {
            return status + " " + body;
        }
    }

    /** A JSON object from names and values in turn; a null value leaves its name out. */
    public static Map<String, Object> object(@Nullable Object... namesAndValues) {
        var object = new LinkedHashMap<String, Object>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            var value = namesAndValues[i + 1];
            if (value != null) {
                object.put(String.valueOf(namesAndValues[i]), value);
            }
        }
        return object;
    }

    public Answer get(String path) {
        return send("GET", path, null);
    }

    public Answer put(String path, @Nullable Object body) {
        return send("PUT", path, body);
    }

    public Answer post(String path, @Nullable Object body) {
        return send("POST", path, body);
    }

    public Answer delete(String path) {
        return send("DELETE", path, null);
    }

    /** The value of a metric without labels, in Prometheus' format. */
    public double metric(String name) {
        var request = HttpRequest.newBuilder(URI.create(url + "/actuator/prometheus"))
                .timeout(REQUEST_TIMEOUT)
                .build();
        try {
            return HTTP.send(request, BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                    .findFirst()
                    .orElseThrow(() -> new NoSuchElementException("no metric " + name));
        } catch (IOException e) {
            throw new UncheckedIOException("GET /actuator/prometheus", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * As a client that does not give up: again while there is no connection, no answer, or an answer of 500 or more.
     *
     * @return the first other answer
     */
    public Answer postUntilAnswered(String path, @Nullable Object body, Duration patience) {
        var deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Object last;
            try {
                var answer = post(path, body);
                if (answer.status < 500) {
                    return answer;
                }
                last = answer;
            } catch (UncheckedIOException e) {
                last = e;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "POST " + path + " had no answer within " + patience + ", the last try: " + last);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** @throws UncheckedIOException when there is no connection, or no answer in time */
    private Answer send(String method, String path, @Nullable Object body) {
        var request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body == null
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build();
        try {
            var response = HTTP.send(request, BodyHandlers.ofByteArray());
            var bytes = response.body();
            return new Answer(
                    response.statusCode(),
                    response.headers(),
                    bytes.length == 0 ? JSON.nullNode() : JSON.readTree(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
