package dev.bandit.pipeline.conclude;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.pipeline.chart.IntervalChart;
import dev.bandit.pipeline.chart.IntervalChart.Reference;
import dev.bandit.pipeline.chart.IntervalChart.Value;
import dev.bandit.pipeline.output.OutputFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportFilesTest {

    private static JsonNode report(boolean adaptive) {
        return JsonMapper.shared().readTree("""
                {"experiment_id": "color", "verdict": "SHIP", "policy": "p", "adaptive": %s, "guardrails": [],
                 "power": {"min_lift": 0.01, "alpha": 0.04},
                 "arms": [{"arm_id": "blue", "control": true, "rate": 0.25, "anytime_ci95": [0.125, 0.5]},
                          {"arm_id": "red", "control": false, "rate": 0.5, "anytime_ci95": [0.25, 0.75]},
                          {"arm_id": "new", "control": false, "anytime_ci95": [0, 1]}],
                 "comparisons": [{"arm_id": "red", "lift": 0.25, "anytime": [-0.25, 0.625],
                                  "fixed_sample_test": {"valid": true, "lift_ci95": [0.125, 0.375]}},
                                 {"arm_id": "new", "anytime": [-1, 1], "fixed_sample_test": {"valid": true}}]}
                """.formatted(adaptive));
    }

    @Test
    void rates_are_drawn_where_there_are_any() {
        assertThat(ReportFiles.rates(report(true)).values())
                .containsExactly(new Value("blue (control)", 0.25, 0.125, 0.5), new Value("red", 0.5, 0.25, 0.75));
    }

    @Test
    void lift_has_the_interval_that_holds() {
        IntervalChart adaptive = ReportFiles.lifts(report(true));
        assertThat(adaptive.values()).containsExactly(new Value("red", 0.25, -0.25, 0.625));
        assertThat(adaptive.subtitle()).startsWith("color: 96 % intervals that hold at any time");
        IntervalChart fixed = ReportFiles.lifts(report(false));
        assertThat(fixed.values()).containsExactly(new Value("red", 0.25, 0.125, 0.375));
        assertThat(fixed.subtitle()).contains("95 % intervals (Newcombe)");
        assertThat(fixed.reference()).isEqualTo(new Reference(" no difference ", 0));
    }

    @Test
    void without_rates_there_is_no_picture(@TempDir Path folder) throws IOException {
        JsonNode definition = JsonMapper.shared().readTree("{\"prior\": {\"alpha\": 1, \"beta\": 1}}");
        OutputFolder out = OutputFolder.at(folder);
        assertThat(ReportFiles.write(new ExperimentReport(report(true), definition), "# color", out))
                .extracting(file -> file.getFileName().toString())
                .containsExactly("report.md", "report.json", "report-rates.png", "report-lift.png");
        assertThat(Files.readString(folder.resolve("report.md"))).isEqualTo("# color");
        assertThat(JsonMapper.shared().readTree(Files.readString(folder.resolve("report.json"))))
                .isEqualTo(report(true));
        JsonNode nothing = JsonMapper.shared().readTree("""
                {"experiment_id": "color", "verdict": "INCOMPLETE", "policy": "p", "adaptive": true, "guardrails": [],
                 "power": {"min_lift": 0.01, "alpha": 0.05}, "arms": [], "comparisons": []}
                """);
        assertThat(ReportFiles.write(new ExperimentReport(nothing, definition), "", out))
                .extracting(file -> file.getFileName().toString())
                .containsExactly("report.md", "report.json");
    }
}
