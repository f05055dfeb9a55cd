package dev.bandit.service.report;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.posterior.FencedStore;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /admin/audit} and {@code POST /admin/rebuild}, behind {@code ./bandit audit} and {@code ./bandit rebuild}. */
@RestController
@Tag(name = "Operations")
class AdminController {

    private final ExperimentRegistry experiments;
    private final Audit audit;
    private final FencedStore store;

    AdminController(ExperimentRegistry experiments, Audit audit, FencedStore store) {
        this.experiments = experiments;
        this.audit = audit;
        this.store = store;
    }

    record AuditResponse(boolean ok, List<Audit.Finding> experiments) {}

    record RebuildResponse(List<Audit.Finding> experiments) {}

    @Operation(
            summary = "Prove that ledger, posteriors and snapshots agree",
            description = "One experiment, or all; works under load.")
    @PostMapping("/admin/audit")
    AuditResponse audit(@RequestParam @Nullable String experiment) {
        List<Audit.Finding> findings =
                chosen(experiment).stream().map(audit::audit).toList();
        return new AuditResponse(findings.stream().allMatch(Audit.Finding::ok), findings);
    }

    @Operation(
            summary = "Rebuild the state in Redis from Postgres",
            description = "One experiment, or all; works under load. Answers with the audit afterwards.")
    @PostMapping("/admin/rebuild")
    RebuildResponse rebuild(@RequestParam @Nullable String experiment) {
        return new RebuildResponse(chosen(experiment).stream()
                .map(one -> {
                    store.rebuild(one);
                    return audit.audit(one);
                })
                .toList());
    }

    private Collection<Experiment> chosen(@Nullable String id) {
        return id == null ? experiments.all() : List.of(experiments.get(id));
    }
}
