package dev.bandit.service.report;

import dev.bandit.service.report.Report.Arm;
import dev.bandit.service.report.Report.Comparison;
import dev.bandit.service.report.Report.Guardrail;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report to read: as text with aligned columns, or as Markdown. */
final class ReportText {

    private final Report report;
    private final boolean markdown;
    private final StringBuilder out = new StringBuilder();

    ReportText(Report report, boolean markdown) {
        this.report = report;
        this.markdown = markdown;
        write();
    }

    private void write() {
        heading(report.experimentId() + ": " + report.verdict());
        for (String sentence : report.summary()) {
            line((markdown ? "" : "  ") + sentence + (markdown ? "  " : ""));
        }
        out.append('\n');
        for (String reason : report.reasons()) {
            line((markdown ? "- " : "  - ") + reason);
        }
        section("Arms");
        arms();
        section("Against the control");
        comparisons();
        section("Guardrails");
        guardrails();
        section("Stopping rule");
        stopping();
        section("Health");
        health();
        line("");
        line((markdown ? "" : "  ") + "As of " + report.asOf() + ". Policy " + report.policy() + ", " + report.status()
                + ".");
    }

    private void arms() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "arm",
                "units",
                "impressions",
                "clicks",
                "rate",
                "95 %",
                "best",
                "loss",
                "share",
                "ms p50",
                "p95",
                "p99"));
        for (Arm arm : report.arms()) {
            var latency = arm.latencyMs();
            rows.add(List.of(
                    arm.armId() + (arm.control() ? " (control)" : ""),
                    count(arm.uniqueUnits()),
                    count(arm.impressions()),
                    number(arm.clicks(), 1),
                    percent(arm.rate()),
                    percent(arm.ci95()[0]) + " to " + percent(arm.ci95()[1]),
                    percent(arm.probBest()),
                    percent(arm.expectedLoss()),
                    percent(arm.share()),
                    latency == null ? "-" : number(latency.p50(), 1),
                    latency == null ? "-" : number(latency.p95(), 1),
                    latency == null ? "-" : number(latency.p99(), 1)));
        }
        table(rows);
    }

    private void comparisons() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(
                List.of("arm", "lift", "relative", "better", "at any time", "adaptive", "z test p", "power", "slower"));
        for (Comparison arm : report.comparisons()) {
            Double p = arm.fixedSampleTest().pAdjusted();
            rows.add(List.of(
                    arm.armId(),
                    percent(arm.lift()),
                    percent(arm.relativeLift()),
                    percent(arm.probBetter()),
                    range(arm.anytime()),
                    range(arm.adaptive()),
                    p == null
                            ? "-"
                            : Sentences.number(p) + (arm.fixedSampleTest().valid() ? "" : " (not valid)"),
                    percent(arm.achievedPower()),
                    arm.latency() == null ? "-" : percent(arm.latency().regression())));
        }
        table(rows);
    }

    private void guardrails() {
        for (Guardrail rail : report.guardrails()) {
            String mark = rail.ok() == null ? "unknown" : rail.ok() ? "kept" : "broken";
            line((markdown ? "- " : "  - ") + mark + ": " + rail.sentence()
                    + (rail.value() == null ? "" : " (" + percent(rail.value()) + ")"));
        }
    }

    private void stopping() {
        for (var condition : report.stopping().conditions()) {
            line((markdown ? "- " : "  - ") + (condition.holds() ? "met: " : "not yet: ") + condition.name() + " "
                    + Sentences.number(condition.value()) + ", asked for " + Sentences.number(condition.threshold()));
        }
    }

    private void health() {
        var health = report.health();
        String bullet = markdown ? "- " : "  - ";
        if (health.sampleRatio() != null) {
            line(bullet + "arms chosen as the probabilities say: p = "
                    + Sentences.number(health.sampleRatio().p())
                    + (health.sampleRatio().mismatch() ? ", which they were not" : ""));
        }
        if (health.differenceP() != null) {
            line(bullet + "any arm differs, valid at any time: p = " + Sentences.number(health.differenceP()));
        }
        if (health.outcomes() != null) {
            line(bullet + "chi-squared of arm by outcome: p = "
                    + Sentences.number(health.outcomes().p()));
        }
        line(bullet
                + (health.completeness() == null
                        ? "nobody observes latencies or scores"
                        : percent(health.completeness()) + " of the impressions have an observation"));
    }

    private void table(List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] width = new int[columns];
        rows.forEach(row -> {
            for (int i = 0; i < columns; i++) {
                width[i] = Math.max(width[i], row.get(i).length());
            }
        });
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder(markdown ? "|" : "  ");
            for (int i = 0; i < columns; i++) {
                String cell = markdown
                        ? rows.get(r).get(i).replace("|", "\\|")
                        : rows.get(r).get(i);
                String space = " ".repeat(Math.max(0, width[i] - cell.length()));
                line.append(markdown ? " " + cell + " |" : (i == 0 ? cell + space : "  " + space + cell));
            }
            line(line.toString().stripTrailing());
            if (r == 0 && markdown) {
                line("|" + "---|".repeat(columns));
            }
        }
    }

    private void heading(String text) {
        line((markdown ? "# " : "") + text);
        line("");
    }

    private void section(String text) {
        line("");
        line((markdown ? "## " : "") + text);
        if (markdown) {
            line("");
        }
    }

    private void line(String text) {
        out.append(text).append('\n');
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String number(double value, int digits) {
        String text = String.format(Locale.ROOT, "%,." + digits + "f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }

    private static String percent(@Nullable Double share) {
        return share == null ? "-" : String.format(Locale.ROOT, "%.2f %%", share * 100);
    }

    private static String range(double @Nullable [] ends) {
        return ends == null ? "-" : percent(ends[0]) + " to " + percent(ends[1]);
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
