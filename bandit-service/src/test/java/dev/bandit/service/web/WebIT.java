package dev.bandit.service.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.BanditApplication;
import dev.bandit.service.problem.Problem;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.web.RawHttp.Answer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** What every endpoint has in common: problems, limits, health and documentation. */
@SpringBootTest(
        classes = {BanditApplication.class, WebIT.Endpoints.class},
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"bandit.web.max-concurrent=3", "bandit.web.max-body=10KB"})
class WebIT {

    @LocalServerPort
    private int port;

    @Autowired
    private MeterRegistry meters;

    @Autowired
    private Endpoints endpoints;

    private RawHttp http = new RawHttp(0);

    @DynamicPropertySource
    static void servers(DynamicPropertyRegistry registry) {
        Servers.register(registry);
    }

    @BeforeEach
    void client() {
        http = new RawHttp(port);
    }

    /** Endpoints that fail in every way. */
    @TestConfiguration
    @RestController
    @RequestMapping("/test")
    static class Endpoints {

        final AtomicInteger waiting = new AtomicInteger();
        CountDownLatch gate = new CountDownLatch(1);

        static final class Away extends Problem {
            private static final long serialVersionUID = 1L;

            Away() {
                super(
                        503,
                        "Store away",
                        "Redis does not answer; try again",
                        Duration.ofMillis(1_200),
                        new IllegalStateException("secret"));
            }
        }

        record Text(String text) {}

        @GetMapping("/bug")
        String bug() {
            throw new IllegalStateException("the password is 1234");
        }

        @GetMapping("/overflow")
        String overflow() {
            throw new StackOverflowError();
        }

        @GetMapping("/away")
        String away() {
            throw new Away();
        }

        @GetMapping("/postgres")
        String postgres() {
            throw new DataAccessResourceFailureException("host db.internal is gone");
        }

        @PostMapping("/echo")
        Text echo(@RequestBody Text text) {
            return text;
        }

        @GetMapping("/wait")
        String await() throws InterruptedException {
            waiting.incrementAndGet();
            gate.await();
            return "done";
        }
    }

    private static void assertProblem(Answer answer, int status, String type) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        JsonNode problem = answer.json();
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("type").asString()).isEqualTo("urn:bandit:problem:" + type);
        assertThat(problem.get("title").asString()).isNotBlank();
        assertThat(problem.get("detail").asString()).isNotBlank();
    }

    @Test
    void unexpected_failure_tells_the_caller_an_id_and_nothing_else() {
        for (String path : List.of("/test/bug", "/test/overflow")) {
            Answer answer = http.send("GET", path);

            assertProblem(answer, 500, "internal-server-error");
            assertThat(answer.json().get("id").asString()).hasSize(36);
            assertThat(answer.body()).doesNotContain("1234", "Exception", "Overflow", "at dev.");
        }
    }

    @Test
    void what_is_away_for_now_comes_with_a_time_to_try_again() {
        Answer away = http.send("GET", "/test/away");
        assertProblem(away, 503, "store-away");
        assertThat(away.header("Retry-After")).isEqualTo("2");
        assertThat(away.body()).doesNotContain("secret");

        Answer postgres = http.send("GET", "/test/postgres");
        assertProblem(postgres, 503, "service-unavailable");
        assertThat(postgres.header("Retry-After")).isEqualTo("1");
        assertThat(postgres.body()).doesNotContain("db.internal");
    }

    @Test
    void what_a_page_of_another_site_makes_a_browser_send_is_refused() {
        for (String foreign : List.of(
                "Origin: https://evil.example",
                "Origin: null",
                "Origin: http://localhost:1",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site")) {
            assertProblem(http.send("POST", "/experiments/x/conclude", "{}", foreign), 403, "forbidden");
        }
        for (String own : List.of(
                "Origin: http://localhost",
                "Sec-Fetch-Site: same-origin\r\nOrigin: https://the.name.outside",
                "Sec-Fetch-Site: none")) {
            assertThat(http.send("POST", "/experiments/x/conclude", "{}", own).status())
                    .as(own)
                    .isEqualTo(404);
        }
        assertThat(http.send("GET", "/health", "{}", "Sec-Fetch-Site: cross-site")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void body_up_to_the_limit_is_taken_and_a_larger_one_is_not() {
        String most = "{\"text\":\"ok\"}" + " ".repeat(10 * 1024 - 13);
        assertThat(http.send("POST", "/test/echo", most).json().get("text").asString())
                .isEqualTo("ok");

        Answer over = http.send("POST", "/test/echo", most + " ");
        assertProblem(over, 413, "content-too-large");
        assertThat(over.header("Connection")).isEqualTo("close");
    }

    @Test
    void body_that_does_not_say_its_length_is_cut_at_the_limit() {
        String start = "POST /test/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n";
        String small = "d\r\n{\"text\":\"ok\"}\r\n0\r\n\r\n";
        String large = "d\r\n{\"text\":\"ok\"}\r\n2800\r\n" + " ".repeat(0x2800) + "\r\n0\r\n\r\n";

        assertThat(http.send((start + small).getBytes()).json().get("text").asString())
                .isEqualTo("ok");
        assertProblem(http.send((start + large).getBytes()), 413, "content-too-large");
    }

    @Test
    void one_request_too_many_is_refused_at_once_and_counted() throws Exception {
        endpoints.gate = new CountDownLatch(1);
        endpoints.waiting.set(0);
        double before = meters.get("bandit.requests.refused").counter().count();
        List<CompletableFuture<Answer>> held = java.util.stream.IntStream.range(0, 3)
                .mapToObj(i ->
                        CompletableFuture.supplyAsync(() -> http.send("GET", "/test/wait"), Thread::startVirtualThread))
                .toList();
        await().until(() -> endpoints.waiting.get() == 3);

        Answer refused = http.send("GET", "/test/bug");
        assertProblem(refused, 503, "service-unavailable");
        assertThat(refused.header("Retry-After")).isEqualTo("1");
        assertThat(http.send("GET", "/health").status()).isEqualTo(200);
        assertThat(http.send("GET", "/actuator/health/liveness").status()).isEqualTo(200);
        assertThat(http.send("GET", "/actuator/prometheus").body())
                .contains("bandit_requests_refused_total", "bandit_requests_in_flight 3.0");
        assertThat(meters.get("bandit.requests.refused").counter().count() - before)
                .isEqualTo(1);

        endpoints.gate.countDown();
        for (CompletableFuture<Answer> answer : held) {
            assertThat(answer.get().body()).isEqualTo("done");
        }
        assertThat(http.send("GET", "/experiments").status()).isEqualTo(200);
    }

    @Test
    void busy_endpoints_are_timed_in_the_same_series_as_all_others() {
        assertProblem(http.send("POST", "/select", "{\"experiment_id\":\"unknown\"}"), 404, "unknown-experiment");
        assertThat(http.send("GET", "/experiments").status()).isEqualTo(200);

        List<String> series = http.send("GET", "/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("http_server_requests_seconds_bucket{"))
                .toList();
        assertThat(series)
                .anyMatch(line -> line.contains("status=\"404\",uri=\"/select\""))
                .anyMatch(line -> line.contains("status=\"200\",uri=\"/reward/batch\""))
                .anyMatch(line -> line.contains("status=\"200\",uri=\"/experiments\""))
                .allMatch(line ->
                        line.replaceAll("=\"[^\"]*\"", "").contains("{error,exception,method,outcome,status,uri,le}"));
    }

    @Test
    void failures_of_busy_endpoints_are_answered_like_all_others() {
        Answer wrongMethod = http.send("PUT", "/select", "{}");
        assertProblem(wrongMethod, 405, "method-not-allowed");
        assertThat(wrongMethod.header("Allow")).isEqualTo("POST");
        assertProblem(http.send("POST", "/reward/batch"), 400, "invalid-request");
        assertProblem(http.send("POST", "//select", "{}"), 404, "not-found");
        assertThat(http.send("POST", "/select", "{\"x\":1}").header("Cache-Control"))
                .isEqualTo("no-store");
    }

    @Test
    void health_sums_up_what_the_service_works_with() {
        Answer health = http.send("GET", "/health");

        assertThat(health.status()).isEqualTo(200);
        assertThat(health.json().get("status").asString()).isEqualTo("UP");
        assertThat(health.json().get("components").get("db").asString()).isEqualTo("UP");
    }

    @Test
    void description_of_the_api_uses_the_names_that_the_api_uses() {
        JsonNode api = http.send("GET", "/v3/api-docs").json();

        assertThat(api.get("paths").propertyNames())
                .contains(
                        "/select",
                        "/select/batch",
                        "/reward",
                        "/reward/batch",
                        "/experiments",
                        "/experiments/{id}",
                        "/plan",
                        "/health")
                .doesNotContain("/error");
        JsonNode schemas = api.get("components").get("schemas");
        schemas.properties()
                .forEach(schema -> schema.getValue()
                        .path("properties")
                        .propertyNames()
                        .forEach(name -> assertThat(name).as(schema.getKey()).matches("[a-z0-9_]+")));
        assertThat(schemas.get("Definition")
                        .get("properties")
                        .get("min_allocation")
                        .get("default")
                        .isNumber())
                .isTrue();
        assertThat(api.at("/paths/~1reward~1batch/post/requestBody/content/application~1json/schema/$ref")
                        .asString())
                .isEqualTo("#/components/schemas/RewardBatchRequest");
        assertThat(schemas.get("RewardBatchRequest").get("properties").propertyNames())
                .containsExactly("rewards");
        JsonNode put = api.get("paths").get("/experiments/{id}").get("put");
        assertThat(put.get("responses").propertyNames()).contains("200", "201", "4XX", "503");
        assertThat(put.get("parameters").toString()).contains("If-Match", "X-Bandit-Actor");
    }

    @Test
    void documentation_is_readable_and_asks_nobody_else_for_anything() {
        assertThat(http.send("GET", "/docs").header("Location")).isEqualTo("/swagger-ui/index.html");
        Answer page = http.send("GET", "/swagger-ui/index.html");

        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Security-Policy")).startsWith("default-src 'self';");
        assertThat(page.body()).doesNotContain("http://", "https://");
        assertThat(http.send("GET", "/swagger-ui/swagger-ui-bundle.js").status())
                .isEqualTo(200);
    }
}
