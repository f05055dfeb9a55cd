package dev.bandit.service.reward;

import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.decision.InvalidDecisionId;
import dev.bandit.service.ledger.Observation;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.problem.Text;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** How a decision's arm did its work: the JSON of {@code POST /observe} and of the observations topic. */
public record ObservationRequest(
        @Nullable String decisionId,
        @Nullable Double latencyMs,
        @Nullable Double score,
        @Nullable String modelVersion,
        @Nullable Map<String, @Nullable Double> metrics) {

    private static final int MAX_NAME = 128;
    private static final int MAX_METRICS = 32;
    private static final double MAX_LATENCY_MS = 1e9;
    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * The observation, checked.
     *
     * @throws dev.bandit.service.problem.Problem 400, saying which field is wrong
     */
    public Occurrence.Observed toDomain(DecisionIds ids) {
        if (decisionId == null) {
            throw new InvalidRequest("decision_id", "is missing, expected the one that /select gave");
        }
        if (latencyMs == null && score == null && modelVersion == null && (metrics == null || metrics.isEmpty())) {
            throw new InvalidRequest(
                    "latency_ms", "is missing, expected one at least of latency_ms, score, model_version and metrics");
        }
        if (latencyMs != null && !(latencyMs >= 0 && latencyMs <= MAX_LATENCY_MS)) {
            throw new InvalidRequest("latency_ms", "is " + latencyMs + ", expected a number from 0 to 1e9");
        }
        if (score != null && !Double.isFinite(score)) {
            throw new InvalidRequest("score", "is " + score + ", expected a finite number");
        }
        if (modelVersion != null && !Text.printable(modelVersion, MAX_NAME)) {
            throw new InvalidRequest(
                    "model_version", "is not a name, expected 1 to " + MAX_NAME + " characters, no control characters");
        }
        try {
            return new Occurrence.Observed(
                    ids.decode(decisionId), new Observation(latencyMs, score, modelVersion, metricsJson()));
        } catch (InvalidDecisionId e) {
            throw RewardProblem.invalidDecisionId(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable String metricsJson() {
        if (metrics == null || metrics.isEmpty()) {
            return null;
        }
        if (metrics.size() > MAX_METRICS) {
            throw new InvalidRequest("metrics", "has " + metrics.size() + " entries, expected at most " + MAX_METRICS);
        }
        metrics.forEach((name, value) -> {
            if (!Text.printable(name, MAX_NAME)) {
                throw new InvalidRequest(
                        "metrics",
                        "has a key that is no name, expected 1 to " + MAX_NAME + " characters, no control characters");
            }
            if (value == null || !Double.isFinite(value)) {
                throw new InvalidRequest("metrics." + name, "is " + value + ", expected a finite number");
            }
        });
        return JSON.writeValueAsString(new TreeMap<>(metrics));
    }
}
