package dev.bandit.service.faults;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks one service process, and times the answers. */
final class OutageClient implements AutoCloseable {

    /** Longer than the service is ever allowed to take: an answer that has not come by then hangs. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final JsonMapper JSON = new JsonMapper();

    static {
        // Long before the server closes an idle connection, so that no request is sent into one that is being closed.
        // Read
        // once a JVM, so Failsafe is told too.
        System.setProperty("jdk.httpclient.keepalive.timeout", "3");
    }

    private final String address;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .executor(threads)
            .build();

    /** @param address such as {@code http://127.0.0.1:8080} */
    OutageClient(String address) {
        this.address = address;
    }

    /**
     * What became of a request.
     *
     * @param sent when it was sent, in {@link System#nanoTime}
     * @param nanos how long the answer took
     * @param status of HTTP, or 0 when there was no answer; the body then says why
     */
    record Answer(
            String path,
            long sent,
            long nanos,
            int status,
            String body,
            @Nullable String degraded,
            @Nullable String retryAfter) {

        boolean ok() {
            return status == 200;
        }

        double seconds() {
            return nanos / 1e9;
        }

        JsonNode json() {
            return JSON.readTree(body);
        }

        /** Shortly, for messages. */
        @Override
        public String toString() {
            return "%s: %d after %.3f s%s %s"
                    .formatted(path, status, seconds(), retryAfter == null ? "" : " Retry-After " + retryAfter, body);
        }
    }

    Answer post(String path, String json) {
        return send(path, request(path).POST(BodyPublishers.ofString(json)).header("Content-Type", "application/json"));
    }

    Answer put(String path, String json) {
        return send(path, request(path).PUT(BodyPublishers.ofString(json)).header("Content-Type", "application/json"));
    }

    Answer get(String path) {
        return send(path, request(path));
    }

    Answer select(String experiment) {
        return post("/select", json(Map.of("experiment_id", experiment)));
    }

    Answer reward(String decisionId, double reward) {
        return post("/reward", json(Map.of("decision_id", decisionId, "reward", reward)));
    }

    static String json(Object value) {
        return JSON.writeValueAsString(value);
    }

    /** The sum of a metric's samples, whatever their labels; NaN when it cannot be had. */
    double metric(String name) {
        Answer metrics = get("/actuator/prometheus");
        return metrics.ok() ? metric(name, metrics.body()) : Double.NaN;
    }

    static double metric(String name, String metrics) {
        return Pattern.compile("(?m)^" + name + "(?:\\{[^}]*})? (\\S+)")
                .matcher(metrics)
                .results()
                .map((MatchResult sample) -> sample.group(1))
                .mapToDouble(Double::parseDouble)
                .reduce(Double::sum)
                .orElse(Double.NaN);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE);
    }

    private Answer send(String path, HttpRequest.Builder request) {
        long sent = System.nanoTime();
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            return new Answer(
                    path,
                    sent,
                    System.nanoTime() - sent,
                    answer.statusCode(),
                    answer.body(),
                    answer.headers().firstValue("Bandit-Degraded").orElse(null),
                    answer.headers().firstValue("Retry-After").orElse(null));
        } catch (IOException e) {
            return new Answer(path, sent, System.nanoTime() - sent, 0, e.toString(), null, null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Answer(path, sent, System.nanoTime() - sent, 0, e.toString(), null, null);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        threads.close();
    }
}
