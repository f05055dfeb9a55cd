package dev.bandit.pipeline.mlflow;

import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A run as the server has it.
 *
 * @param status such as {@code FINISHED}
 * @param metrics the last value of each
 */
@JsonNaming(SnakeCaseStrategy.class)
public record RecordedRun(
        String runId,
        String name,
        String status,
        Instant started,
        Map<String, String> parameters,
        Map<String, String> tags,
        Map<String, Double> metrics) {}
