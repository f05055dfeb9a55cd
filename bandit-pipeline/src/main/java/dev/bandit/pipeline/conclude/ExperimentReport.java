package dev.bandit.pipeline.conclude;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** What a running service says of an experiment, as parameters, metrics and tags of a run. */
public final class ExperimentReport {

    private final JsonNode report;
    private final JsonNode experiment;

    /**
     * @param report of {@code GET /experiments/{id}/report}
     * @param experiment of {@code GET /experiments/{id}}
     * @throws RuntimeException of Jackson if something is missing
     */
    ExperimentReport(JsonNode report, JsonNode experiment) {
        this.report = report;
        this.experiment = experiment;
        List.of("experiment_id", "verdict", "policy", "adaptive", "arms", "comparisons", "guardrails", "power")
                .forEach(report::required);
        experiment.required("prior");
    }

    public String experiment() {
        return report.get("experiment_id").asString();
    }

    /** As the service says it. */
    JsonNode json() {
        return report;
    }

    public String verdict() {
        return report.get("verdict").asString();
    }

    /** By what the verdict is reached. */
    public Map<String, String> parameters() {
        Map<String, String> parameters = new TreeMap<>();
        parameters.put("experiment_id", experiment());
        parameters.put("policy", report.get("policy").asString());
        parameters.put("prior_alpha", experiment.get("prior").required("alpha").asString());
        parameters.put("prior_beta", experiment.get("prior").required("beta").asString());
        parameters.put("min_lift", report.get("power").required("min_lift").asString());
        parameters.put("alpha", report.get("power").required("alpha").asString());
        parameters.put("test_type", report.get("adaptive").asBoolean() ? "confidence_sequence" : "z_test");
        return parameters;
    }

    /** What tells these data from others: nothing in it goes by the clock. */
    public String identity() {
        return verdict() + report.get("arms");
    }

    /** {@code decision}, {@code experiment_id} and the like. */
    public Map<String, String> tags(String command) {
        String violations = report.get("guardrails")
                .valueStream()
                .filter(rail -> rail.path("ok").isBoolean() && !rail.path("ok").asBoolean())
                .map(rail -> rail.required("name").asString())
                .collect(Collectors.joining(","));
        return Map.of(
                "command",
                command,
                "decision",
                verdict(),
                "experiment_id",
                experiment(),
                "guardrail_violations",
                violations.isEmpty() ? "none" : violations);
    }

    /** By name, or name and arm; what the service cannot compute yet is left out. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        long users = 0;
        for (JsonNode arm : report.get("arms")) {
            String name = "/" + arm.required("arm_id").asString();
            users += arm.required("unique_units").asLong();
            put(metrics, "users" + name, arm.path("unique_units"));
            put(metrics, "rate" + name, arm.path("rate"));
            put(metrics, "mean" + name, arm.path("mean"));
            put(metrics, "prob_best" + name, arm.path("prob_best"));
            put(metrics, "expected_loss" + name, arm.path("expected_loss"));
            put(metrics, "latency_ms" + name, arm.at("/latency_ms/average"));
            put(metrics, "latency_ms_p95" + name, arm.at("/latency_ms/p95"));
        }
        metrics.put("users", (double) users);
        for (JsonNode comparison : report.get("comparisons")) {
            comparison("/" + comparison.required("arm_id").asString(), comparison, metrics);
        }
        leading().ifPresent(comparison -> comparison("", comparison, metrics));
        if (report.get("adaptive").asBoolean()) {
            put(metrics, "p_value", report.at("/health/difference_p"));
        }
        return metrics;
    }

    /** The p value of the z test is left out where arms were chosen adaptively: it does not hold. */
    private static void comparison(String suffix, JsonNode comparison, Map<String, Double> metrics) {
        put(metrics, "lift" + suffix, comparison.path("lift"));
        put(metrics, "latency_regression" + suffix, comparison.at("/latency/regression"));
        if (comparison.at("/fixed_sample_test/valid").asBoolean(false)) {
            put(metrics, "p_value" + suffix, comparison.at("/fixed_sample_test/p_adjusted"));
        }
    }

    /** Of the treatment with the highest posterior mean, which is the one that the verdict is about. */
    private Optional<JsonNode> leading() {
        return report.get("arms")
                .valueStream()
                .filter(arm -> !arm.path("control").asBoolean())
                .max(Comparator.comparingDouble(arm -> arm.path("mean").asDouble()))
                .flatMap(leader -> report.get("comparisons")
                        .valueStream()
                        .filter(comparison -> comparison.path("arm_id").equals(leader.path("arm_id")))
                        .findFirst());
    }

    private static void put(Map<String, Double> metrics, String name, JsonNode value) {
        if (value.isNumber()) {
            metrics.put(name, value.asDouble());
        }
    }
}
