package dev.bandit.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
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

    record Request(String experimentId, @Nullable String unitId, @Nullable List<String> eligibleArms) {}

    record Response(
            String decisionId, String experimentId, String armId, double propensity, String policy, long posteriorVersion) {}

    @RestController
    static class Endpoints {

        private static final Ok OK = new Ok("ok");

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
    }
}
