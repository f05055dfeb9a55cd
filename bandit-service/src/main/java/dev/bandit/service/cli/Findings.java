package dev.bandit.service.cli;

import java.io.PrintWriter;
import java.util.List;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** What {@code /admin/audit} and {@code /admin/rebuild} answer. */
record Findings(List<Finding> experiments) {

    /** @param differences each a sentence; empty when ledger, posteriors and snapshots agree */
    @JsonNaming(SnakeCaseStrategy.class)
    record Finding(String experimentId, boolean ok, long decisions, long outcomes, List<String> differences) {}

    boolean agree() {
        return experiments.stream().allMatch(Finding::ok);
    }

    /** A line an experiment, then a line for each difference. */
    void print(PrintWriter out) {
        if (experiments.isEmpty()) {
            out.println("There are no experiments.");
            return;
        }
        int width = experiments.stream()
                .mapToInt(finding -> finding.experimentId().length())
                .reduce("EXPERIMENT".length(), Math::max);
        var format = "%-" + width + "s  %12s  %12s  %s%n";
        out.printf(format, "EXPERIMENT", "DECISIONS", "OUTCOMES", "");
        for (var finding : experiments) {
            out.printf(
                    format,
                    finding.experimentId(),
                    finding.decisions(),
                    finding.outcomes(),
                    finding.ok() ? "agrees" : "DIFFERS");
        }
        for (var finding : experiments) {
            finding.differences().forEach(difference -> out.printf("%s: %s%n", finding.experimentId(), difference));
        }
    }
}
