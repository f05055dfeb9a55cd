package dev.bandit.service.snapshot;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.problem.InvalidRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /experiments/{id}/snapshots}. */
@RestController
@Tag(name = "Experiments")
final class SnapshotController {

    private static final int MAX_SNAPSHOTS = 1_000;
    /** Of many arms there are fewer snapshots in an answer, so that none is larger than this many rows, and two snapshots. */
    private static final int MAX_ROWS = 20_000;

    private final ExperimentRegistry experiments;
    private final SnapshotTable table;
    private final Duration interval;

    SnapshotController(ExperimentRegistry experiments, SnapshotTable table, SnapshotProperties properties) {
        this.experiments = experiments;
        this.table = table;
        this.interval = properties.interval();
    }

    /** One arm at one tick; {@code trials} and {@code successes} are totals. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "SnapshotArm")
    record Arm(
            String armId,
            double alpha,
            double beta,
            double mean,
            double[] ci95,
            double probBest,
            double expectedLoss,
            long trials,
            double successes) {

        static Arm from(SnapshotRow row) {
            return new Arm(
                    row.variant(),
                    row.alpha(),
                    row.beta(),
                    row.mean(),
                    new double[] {row.ciLow(), row.ciHigh()},
                    row.probBest(),
                    row.expectedLoss(),
                    row.exposuresTotal(),
                    row.successesTotal());
        }
    }

    /** The arms at one tick. */
    @Schema(name = "Snapshot")
    record Snapshot(Instant at, List<Arm> arms) {}

    /** Snapshots, oldest first. */
    @Schema(name = "Snapshots")
    record Snapshots(String experimentId, List<Snapshot> snapshots) {}

    @GetMapping("/experiments/{id}/snapshots")
    @Operation(summary = "How the posteriors of the present arms came to be, oldest first", description = """
                    All snapshots after since, or, where there are more than limit, about that many spread evenly over the time; \
                    the newest is always among them. Of very many arms there are fewer snapshots.""")
    Snapshots snapshots(
            @PathVariable String id,
            @Parameter(
                            description = "Snapshots after this time; the experiment's beginning when left out",
                            example = "2026-11-22T16:00:00Z")
                    @RequestParam
                    @Nullable
                    String since,
            @Parameter(description = "Most snapshots, 1 to 1000") @RequestParam(defaultValue = "200") int limit) {
        if (limit < 1 || limit > MAX_SNAPSHOTS) {
            throw new InvalidRequest("limit", "is " + limit + ", expected 1 to " + MAX_SNAPSHOTS);
        }
        Experiment experiment = experiments.get(id);
        // A tick is named by the beginning of its interval, which may be before the experiment's.
        Instant beginning = experiment.createdAt().minus(interval);
        Instant from = since == null ? beginning : instant(since);
        if (from.isBefore(beginning)) {
            from = beginning;
        }
        Instant until = experiment.status() == Status.ARCHIVED
                ? experiment.updatedAt()
                : table.newestTick().orElse(from);
        if (!from.isBefore(until)) {
            return new Snapshots(id, List.of());
        }
        List<String> arms = experiment.definition().variants().names();
        int points = Math.max(Math.min(limit, 2), Math.min(limit, MAX_ROWS / arms.size()));
        return new Snapshots(id, grouped(table.thinned(id, arms, from, until, points)));
    }

    private static Instant instant(String since) {
        try {
            return Instant.parse(since);
        } catch (DateTimeParseException e) {
            throw new InvalidRequest("since", "is not a time, expected one such as 2026-11-22T16:00:00Z");
        }
    }

    private static List<Snapshot> grouped(List<SnapshotRow> rows) {
        List<Snapshot> snapshots = new ArrayList<>();
        for (SnapshotRow row : rows) {
            if (snapshots.isEmpty() || !snapshots.getLast().at().equals(row.timestamp())) {
                snapshots.add(new Snapshot(row.timestamp(), new ArrayList<>()));
            }
            snapshots.getLast().arms().add(Arm.from(row));
        }
        return snapshots;
    }
}
