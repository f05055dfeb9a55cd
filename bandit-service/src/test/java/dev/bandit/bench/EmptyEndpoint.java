package dev.bandit.bench;

import dev.bandit.service.store.GroupCommit;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/**
 * The ceiling of {@code /select}: what an endpoint costs that does nothing, on the same Spring Boot, with the service's own
 * {@code application.yaml} (virtual threads, metrics with histograms), and without its filters and its strict JSON.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(
        exclude = {
            DataSourceAutoConfiguration.class,
            FlywayAutoConfiguration.class,
            DataRedisAutoConfiguration.class,
            DataRedisReactiveAutoConfiguration.class
        })
@Import(EmptyEndpoint.Endpoints.class)
class EmptyEndpoint {

    /** Arguments are Spring properties. */
    public static void main(String[] args) {
        SpringApplication.run(EmptyEndpoint.class, args);
    }

    record Ok(String status) {}

    record Request(
            String experimentId,
            @Nullable String unitId,
            @Nullable List<String> eligibleArms) {}

    record Response(
            String decisionId,
            String experimentId,
            String armId,
            double propensity,
            String policy,
            long posteriorVersion) {}

    @RestController
    static class Endpoints {

        private static final Ok OK = new Ok("ok");

        private final GroupCommit<CompletableFuture<Boolean>> commit =
                new GroupCommit<>(512, 100_000, () -> Duration.ofMillis(1), Endpoints::send);

        /** The body is neither read nor parsed by us. */
        @PostMapping("/empty")
        Ok empty() {
            return OK;
        }

        /** Reads and writes the JSON of {@code /select}, and decides nothing. */
        @PostMapping("/json")
        Response json(@RequestBody Request request) {
            return new Response(Answer.TOKEN, request.experimentId, "arm-3", 0.137, "thompson", 123_456);
        }

        /** The same, and waits as {@code /select} waits for its batch: what blocking costs, whatever it is for. */
        @PostMapping("/wait")
        Response waiting(@RequestBody Request request) throws Exception {
            CompletableFuture<Boolean> answer = new CompletableFuture<>();
            commit.add(number -> answer);
            answer.get(10, TimeUnit.SECONDS);
            return json(request);
        }

        /** In the place of a round trip to Redis: half a millisecond. */
        private static CompletableFuture<?> send(List<CompletableFuture<Boolean>> batch) {
            return new CompletableFuture<Boolean>()
                    .completeOnTimeout(true, 500, TimeUnit.MICROSECONDS)
                    .whenCompleteAsync(
                            (done, failure) -> batch.forEach(answer -> answer.complete(true)),
                            Thread::startVirtualThread);
        }
    }
}
