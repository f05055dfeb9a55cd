package dev.bandit.service.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.bandit.service.problem.InvalidRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /experiments/{id}/audit-log}. */
@RestController
@Tag(name = "Experiments")
final class AuditLogController {

    private static final int MAX_PAGE = 100;

    private final ExperimentRegistry registry;

    AuditLogController(ExperimentRegistry registry) {
        this.registry = registry;
    }

    /**
     * Something that was done to an experiment.
     *
     * @param version that came of it
     * @param detail JSON
     */
    @Schema(name = "AuditLogEntry")
    record Entry(
            long id,
            Instant at,
            String actor,
            String action,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer version,

            @JsonRawValue @Schema(type = "object") String detail) {}

    /** A page of entries, newest first; {@code next} is the {@code before} of the next page, null on the last. */
    @Schema(name = "AuditLog")
    record Page(
            String experimentId,
            List<Entry> entries,
            @Schema(nullable = true) @Nullable Long next) {}

    @GetMapping("/experiments/{id}/audit-log")
    @Operation(summary = "Who did what to an experiment, newest first")
    Page auditLog(
            @PathVariable String id,
            @Parameter(description = "Entries before this one: next of the page before")
                    @RequestParam(defaultValue = "9223372036854775807")
                    long before,
            @Parameter(description = "Most entries in this page, 1 to 100") @RequestParam(defaultValue = "50")
                    int limit) {
        if (limit < 1 || limit > MAX_PAGE) {
            throw new InvalidRequest("limit", "is " + limit + ", expected 1 to " + MAX_PAGE);
        }
        // One more than is shown tells whether there is a next page.
        List<Entry> found = registry.auditLog(id, before, limit + 1);
        List<Entry> shown = found.size() > limit ? found.subList(0, limit) : found;
        return new Page(id, shown, found.size() > limit ? shown.getLast().id() : null);
    }
}
