package dev.bandit.service.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An experiment as the API answers with it: where it stands, and the fields of its definition. */
@Schema(name = "Experiment")
record ExperimentJson(
        String id,
        int version,

        @Schema(allowableValues = {"running", "paused", "concluded", "archived"})
        String status,

        @Schema(nullable = true, description = "The arm that is served with probability 1 once concluded") @Nullable
        String winner,

        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Schema(
                description = "experiments.yaml: that file defines it, and PUT and DELETE are refused",
                example = "experiments.yaml")
        @Nullable
        String managedBy,

        Instant createdAt,
        Instant updatedAt,
        @JsonUnwrapped DefinitionJson definition) {

    static ExperimentJson from(Experiment experiment) {
        return new ExperimentJson(
                experiment.id(),
                experiment.version(),
                experiment.status().label(),
                experiment.winner(),
                experiment.managedBy(),
                experiment.createdAt(),
                experiment.updatedAt(),
                DefinitionJson.from(experiment.definition()));
    }

    /** A page of experiments by id; {@code next} is the {@code after} of the next page, null on the last. */
    @Schema(name = "ExperimentPage")
    record Page(
            List<ExperimentJson> experiments,
            @Schema(nullable = true) @Nullable String next) {}

    /** A page of versions, newest first; {@code next} is the {@code before} of the next page, null on the last. */
    @Schema(name = "ExperimentHistory")
    record History(
            String experimentId,
            List<Version> versions,
            @Schema(nullable = true) @Nullable Integer next) {}

    /** One version. */
    @Schema(name = "ExperimentVersion")
    record Version(
            int version,
            String status,
            @Schema(nullable = true) @Nullable String winner,
            String actor,
            Instant at,
            DefinitionJson definition) {

        static Version from(ExperimentVersion version) {
            return new Version(
                    version.version(),
                    version.status().label(),
                    version.winner(),
                    version.actor(),
                    version.at(),
                    DefinitionJson.from(version.definition()));
        }
    }

    /** The body of conclude. */
    @Schema(name = "Conclusion")
    record Conclusion(
            @Schema(nullable = true, example = "treatment", description = "The arm to pin; the best one when left out")
            @Nullable
            String winner) {}
}
