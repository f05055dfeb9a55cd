package dev.bandit.service.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.bandit.cli.Progress;
import dev.bandit.service.testing.LiveService;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class HttpLoopIT extends LiveService {

    private static final Map<String, Double> RATES = Map.of("a", 0.1, "b", 0.9);
    private static final Progress SILENT = new Progress(new PrintWriter(new StringWriter()), false);

    /**
     * With rates this far apart the worse arm is the better one's equal after 600 visits only if nothing was learned: then each
     * side has 60 or so of the last tenth, and 0.9 of it is 8 standard deviations away.
     */
    @Test
    void one_sees_the_bandit_learn() throws InterruptedException {
        String experiment = experiment(2);

        String report = loop(url(), experiment, 200, 4).run();

        assertThat(share(report, "b")).isGreaterThan(90);
        assertThat(report).contains("800 visits in").contains("0 visits given up");
        double told = posterior(experiment, "a").get("rewards").asDouble()
                + posterior(experiment, "b").get("rewards").asDouble();
        assertThat(told).isEqualTo(800);
    }

    @Test
    void with_exposure_feedback_only_successes_are_posted() throws InterruptedException {
        String experiment = experiment(2, "feedback", "exposure");

        String report = loop(url(), experiment, 100, 2).run();

        assertThat(report).contains("200 visits in");
        assertThat(posterior(experiment, "b").get("mean").asDouble()).isGreaterThan(0.7);
    }

    @Test
    void an_absent_service_or_experiment_is_told_in_a_sentence() {
        assertThatThrownBy(() -> loop(url(), "no-such-experiment", 10, 1).run())
                .isInstanceOf(TrafficFailed.class)
                .hasMessageContaining("404");
        assertThatThrownBy(() -> loop("http://127.0.0.1:1", "x", 10, 1).run())
                .isInstanceOf(TrafficFailed.class)
                .hasMessageStartingWith("No service answers at http://127.0.0.1:1;");
    }

    @Test
    void a_service_that_refuses_is_asked_again_when_it_says() throws IOException, InterruptedException {
        var asked = new AtomicInteger();
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean refuse = exchange.getRequestMethod().equals("POST") && asked.getAndIncrement() < 3;
            if (refuse) {
                exchange.getResponseHeaders().add("Retry-After", "0");
            }
            var body = "{\"decision_id\":\"d\",\"arm_id\":\"a\"}".getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(refuse ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            var report = loop("http://127.0.0.1:" + server.getAddress().getPort(), "x", 20, 1)
                    .run();
            assertThat(report).contains("20 visits in").contains("3 refused and tried again");
        } finally {
            server.stop(0);
        }
    }

    private static HttpLoop loop(String url, String experiment, double perSecond, double seconds) {
        return new HttpLoop(
                URI.create(url), experiment, new HttpLoop.Plan(perSecond, seconds, RATES, 100_000, 8, 1), SILENT);
    }

    /** The last number of the arm's row: its share, in percent, of the last tenth. */
    private static double share(String report, String arm) {
        var row = Pattern.compile("(?m)^" + arm + " .* ([\\d.]+) %$").matcher(report);
        assertThat(row.find()).as(report).isTrue();
        return Double.parseDouble(row.group(1));
    }
}
