package dev.bandit.service.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Status;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Health in one short answer; the probes of an orchestrator are actuator's groups. */
@ConditionalOnWebApplication
@RestController
@Tag(name = "Health")
final class HealthController {

    private static final String READINESS = "readiness";

    private final HealthEndpoint health;

    HealthController(HealthEndpoint health) {
        this.health = health;
    }

    /**
     * @param status whether this process can do its work: that of the readiness group
     * @param components what it works with, by name
     */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Summary(String status, Map<String, String> components) {}

    @GetMapping("/health")
    @Operation(
            summary = "Whether this process can do its work",
            description = "503 when it cannot. A component may be down while the service goes on without it.")
    ResponseEntity<Summary> health() {
        HealthDescriptor everything = health.health();
        @Nullable HealthDescriptor readiness = health.healthForPath(READINESS);
        Status status = (readiness == null ? everything : readiness).getStatus();
        Map<String, String> components = new TreeMap<>();
        if (everything instanceof CompositeHealthDescriptor composite && composite.getComponents() != null) {
            composite
                    .getComponents()
                    .forEach((name, part) ->
                            components.put(name, part.getStatus().getCode()));
        }
        return ResponseEntity.status(status.equals(Status.UP) ? 200 : 503)
                .body(new Summary(status.getCode(), components));
    }
}
