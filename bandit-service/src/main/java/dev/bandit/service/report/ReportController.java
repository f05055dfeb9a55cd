package dev.bandit.service.report;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.totals.RunningTotals;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.charset.StandardCharsets;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /experiments/{id}/report}, and {@code POST /experiments/{id}/recount} of what it is made of. */
@RestController
@Tag(name = "Experiments")
class ReportController {

    private static final MediaType MARKDOWN = new MediaType("text", "markdown", StandardCharsets.UTF_8);
    private static final MediaType TEXT = new MediaType("text", "plain", StandardCharsets.UTF_8);

    private final ExperimentRegistry experiments;
    private final ReportService reports;
    private final RunningTotals totals;

    ReportController(ExperimentRegistry experiments, ReportService reports, RunningTotals totals) {
        this.experiments = experiments;
        this.reports = reports;
        this.totals = totals;
    }

    @Operation(
            summary = "Where an experiment stands, and what to do",
            description = "The verdict with every number behind it. format=text or markdown gives it to read.")
    @GetMapping(
            path = "/experiments/{id}/report",
            produces = {MediaType.APPLICATION_JSON_VALUE, "text/plain", "text/markdown"})
    ResponseEntity<?> report(@PathVariable String id, @RequestParam(defaultValue = "json") String format) {
        Experiment experiment = experiments.get(id);
        return switch (format) {
            case "json" ->
                ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(reports.report(experiment));
            case "text" ->
                ResponseEntity.ok()
                        .contentType(TEXT)
                        .body(new ReportText(reports.report(experiment), false).toString());
            case "markdown" ->
                ResponseEntity.ok()
                        .contentType(MARKDOWN)
                        .body(new ReportText(reports.report(experiment), true).toString());
            default -> throw new InvalidRequest("format", "is '" + format + "', expected json, text or markdown");
        };
    }

    @Operation(
            summary = "Count everything again",
            description = "Folds the whole ledger of the experiment anew, which ends with the same report; for doubts.")
    @PostMapping("/experiments/{id}/recount")
    Report recount(@PathVariable String id) {
        Experiment experiment = experiments.get(id);
        totals.recount(experiment);
        return reports.report(experiment);
    }
}
