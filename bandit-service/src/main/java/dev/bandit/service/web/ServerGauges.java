package dev.bandit.service.web;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** What {@code /health} says of Redis and Postgres, for Prometheus; asked ahead, so that a scrape waits for neither. */
@Component
@ConditionalOnWebApplication
final class ServerGauges {

    private static final Map<String, String> COMPONENTS = Map.of("redis", "redis", "postgres", "db");

    private final HealthEndpoint health;
    private final Map<String, Double> up = new ConcurrentHashMap<>();

    ServerGauges(HealthEndpoint health, MeterRegistry metrics) {
        this.health = health;
        for (String server : COMPONENTS.keySet()) {
            Gauge.builder("bandit.server.up", () -> up.getOrDefault(server, Double.NaN))
                    .description("Whether the server answers this process: 1 or 0")
                    .tag("server", server)
                    .register(metrics);
        }
    }

    @Scheduled(fixedDelayString = "${bandit.web.health-interval:5s}")
    void ask() {
        COMPONENTS.forEach((server, component) -> {
            HealthDescriptor answer = health.healthForPath(component);
            up.put(server, answer != null && answer.getStatus().equals(Status.UP) ? 1.0 : 0.0);
        });
    }
}
