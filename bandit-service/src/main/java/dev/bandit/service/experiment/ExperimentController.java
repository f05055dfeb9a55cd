package dev.bandit.service.experiment;

import dev.bandit.service.problem.InvalidRequest;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.ExampleObject;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Definitions and their lifecycle over HTTP. */
@RestController
@RequestMapping("/experiments")
@Tag(name = "Experiments", description = "What is tested, its versions and its lifecycle")
final class ExperimentController {

    private static final int MAX_PAGE = 1_000;
    /** A page of experiments is also cut after this many arms, so that no page is much larger than its largest experiment. */
    private static final int MAX_PAGE_ARMS = 20_000;

    private static final int MAX_HISTORY = 100;

    private final ExperimentRegistry registry;
    private final ObjectProvider<WinnerChooser> winners;
    private final ObjectProvider<Grounds> grounds;

    ExperimentController(
            ExperimentRegistry registry, ObjectProvider<WinnerChooser> winners, ObjectProvider<Grounds> grounds) {
        this.registry = registry;
        this.winners = winners;
        this.grounds = grounds;
    }

    @GetMapping
    @Operation(summary = "Lists experiments by id", description = "Archived ones only with include=archived.")
    ExperimentJson.Page list(
            @Parameter(description = "archived: archived experiments too") @RequestParam @Nullable String include,
            @Parameter(description = "Ids after this one: next of the page before") @RequestParam @Nullable
                    String after,
            @Parameter(description = "Most experiments in this page, 1 to 1000") @RequestParam(defaultValue = "100")
                    int limit) {
        if (include != null && !include.equals("archived")) {
            throw new InvalidRequest("include", "is " + Check.shown(include) + ", expected archived");
        }
        bounded("limit", limit, MAX_PAGE);
        List<ExperimentJson> page = new ArrayList<>();
        int arms = 0;
        for (Experiment experiment : registry.all()) {
            boolean wanted = (after == null || experiment.id().compareTo(after) > 0)
                    && (include != null || experiment.status() != Experiment.Status.ARCHIVED);
            if (!wanted) {
                continue;
            }
            if (page.size() == limit || arms > MAX_PAGE_ARMS) {
                return new ExperimentJson.Page(page, page.getLast().id());
            }
            page.add(ExperimentJson.from(experiment));
            arms += experiment.definition().variants().size();
        }
        return new ExperimentJson.Page(page, null);
    }

    @GetMapping("/{id}")
    @Operation(summary = "One experiment", description = "The ETag is its version, for If-Match.")
    ResponseEntity<ExperimentJson> get(@PathVariable String id) {
        return answer(registry.get(id));
    }

    @PutMapping("/{id}")
    @Conditional
    @Operation(summary = "Creates an experiment or replaces its definition", description = """
                    Every field but variants has a default. Arms may come and go: what a removed arm has learned is kept for its return. \
                    feedback cannot change. A PUT on an archived experiment brings it back to life with what it had learned. \
                    With If-Match the version must be that one; with If-None-Match: * there must be none yet. \
                    The same definition again changes nothing. \
                    What experiments.yaml names is changed there only: 409.""")
    @ApiResponse(responseCode = "200", description = "Replaced, or left as it was")
    @ApiResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = ExperimentJson.class)))
    ResponseEntity<ExperimentJson> put(
            @PathVariable String id,
            @io.swagger.v3.oas.annotations.parameters.RequestBody(
                            content =
                                    @Content(
                                            examples = {
                                                @ExampleObject(name = "two arms", value = """
                    {"variants":[{"name":"control"},{"name":"treatment"}]}"""),
                                                @ExampleObject(name = "everything", value = """
                    {"policy":"thompson","prior":{"alpha":1,"beta":1},"feedback":"window","window":"15m",
                     "variants":[{"name":"control","allocation":0.5,"control":true},{"name":"treatment","allocation":0.5}],
                     "min_allocation":0.01,"sticky_ttl":"24h","reward_ack":"store","decision_ack":"journal",
                     "guardrails":{"min_lift":0.02,"max_latency_regression":0.25,"alpha":0.05,"power":0.8},
                     "stop":{"prob_best":0.95,"max_expected_loss":0.001,"min_decisions_per_arm":100,"min_runtime":"72h"}}""")
                                            }))
                    @RequestBody
                    DefinitionJson definition,
            HttpServletRequest request) {
        ExperimentRegistry.Put put = registry.put(id, definition.toDomain(), precondition(request), Actor.of(request));
        return put.created()
                ? ResponseEntity.created(URI.create("/experiments/" + id))
                        .eTag(HttpPrecondition.tag(put.experiment()))
                        .body(ExperimentJson.from(put.experiment()))
                : answer(put.experiment());
    }

    @DeleteMapping("/{id}")
    @Conditional
    @Operation(
            summary = "Archives an experiment",
            description = "Selects and rewards are refused; what it learned and its history stay.")
    ResponseEntity<ExperimentJson> archive(@PathVariable String id, HttpServletRequest request) {
        return answer(registry.archive(id, precondition(request), Actor.of(request)));
    }

    @PostMapping("/{id}/pause")
    @Conditional
    @Operation(
            summary = "Pauses an experiment",
            description = "Selects are refused; rewards of earlier decisions still count.")
    ResponseEntity<ExperimentJson> pause(@PathVariable String id, HttpServletRequest request) {
        return answer(registry.pause(id, precondition(request), Actor.of(request)));
    }

    @PostMapping("/{id}/resume")
    @Conditional
    @Operation(
            summary = "Resumes a paused experiment, reopens a concluded one",
            description = "The stopping rule's minimum time begins anew.")
    ResponseEntity<ExperimentJson> resume(@PathVariable String id, HttpServletRequest request) {
        return answer(registry.resume(id, precondition(request), Actor.of(request)));
    }

    @PostMapping("/{id}/conclude")
    @Conditional
    @Operation(
            summary = "Pins the winner",
            description = "The arm that the body names, or else the best one as the posteriors stand.")
    ResponseEntity<ExperimentJson> conclude(
            @PathVariable String id,
            @RequestBody(required = false) ExperimentJson.@Nullable Conclusion conclusion,
            HttpServletRequest request) {
        String winner = conclusion == null ? null : conclusion.winner();
        Precondition precondition = precondition(request);
        Experiment experiment = registry.get(id);
        Grounds known = grounds.getIfAvailable(() -> any -> Map.of());
        return answer(registry.conclude(
                id, winner == null ? best(experiment) : winner, precondition, Actor.of(request), known.of(experiment)));
    }

    @PostMapping("/{id}/arms/{arm}/pause")
    @Conditional
    @Operation(
            summary = "Sees to it that nobody gets an arm any more",
            description = "Rewards of earlier decisions still count. One arm at least has to go on.")
    ResponseEntity<ExperimentJson> pauseArm(
            @PathVariable String id, @PathVariable String arm, HttpServletRequest request) {
        return answer(registry.pauseArm(id, arm, true, precondition(request), Actor.of(request), Map.of()));
    }

    @PostMapping("/{id}/arms/{arm}/resume")
    @Conditional
    @Operation(summary = "Takes up a paused arm")
    ResponseEntity<ExperimentJson> resumeArm(
            @PathVariable String id, @PathVariable String arm, HttpServletRequest request) {
        return answer(registry.pauseArm(id, arm, false, precondition(request), Actor.of(request), Map.of()));
    }

    @GetMapping("/{id}/history")
    @Operation(summary = "The versions of an experiment, newest first")
    ExperimentJson.History history(
            @PathVariable String id,
            @Parameter(description = "Versions before this one: next of the page before")
                    @RequestParam(defaultValue = "2147483647")
                    int before,
            @Parameter(description = "Most versions in this page, 1 to 100") @RequestParam(defaultValue = "50")
                    int limit) {
        bounded("limit", limit, MAX_HISTORY);
        bounded("before", before, Integer.MAX_VALUE);
        List<ExperimentVersion> versions = registry.history(id, before, limit);
        boolean more = versions.size() == limit && versions.getLast().version() > 1;
        return new ExperimentJson.History(
                id,
                versions.stream().map(ExperimentJson.Version::from).toList(),
                more ? versions.getLast().version() : null);
    }

    private String best(Experiment experiment) {
        if (experiment.winner() != null) {
            return experiment.winner();
        }
        WinnerChooser chooser = winners.getIfAvailable();
        if (chooser == null) {
            throw new InvalidRequest("winner", "is missing, expected the name of an arm");
        }
        return chooser.winner(experiment);
    }

    private static Precondition precondition(HttpServletRequest request) {
        return HttpPrecondition.of(
                request.getHeader(HttpHeaders.IF_MATCH), request.getHeader(HttpHeaders.IF_NONE_MATCH));
    }

    private static void bounded(String name, int value, int max) {
        if (value < 1 || value > max) {
            throw new InvalidRequest(name, "is " + value + ", expected 1 to " + max);
        }
    }

    private static ResponseEntity<ExperimentJson> answer(Experiment experiment) {
        return ResponseEntity.ok().eTag(HttpPrecondition.tag(experiment)).body(ExperimentJson.from(experiment));
    }
}
