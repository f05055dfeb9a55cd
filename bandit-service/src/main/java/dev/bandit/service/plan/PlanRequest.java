package dev.bandit.service.plan;

import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Definition.Stop;
import dev.bandit.service.experiment.DefinitionJson.GuardrailsJson;
import dev.bandit.service.experiment.DefinitionJson.PriorJson;
import dev.bandit.service.experiment.DefinitionJson.StopJson;
import dev.bandit.service.experiment.DurationText;
import dev.bandit.service.experiment.Label;
import dev.bandit.service.problem.InvalidRequest;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plan on the wire. Everything but {@code arms} and {@code traffic} may be missing and then takes its default. */
@Schema(name = "Plan")
public record PlanRequest(
        @ArraySchema(
                minItems = 2,
                maxItems = Plan.MAX_ARMS,
                arraySchema =
                        @Schema(
                                description = "The arms and the rates you expect, the control first",
                                requiredMode = RequiredMode.REQUIRED))
        @Nullable
        List<@Nullable ArmJson> arms,

        @Schema(
                description = "Decisions a day",
                requiredMode = RequiredMode.REQUIRED,
                minimum = "1",
                maximum = "100000000",
                example = "5000")
        @Nullable
        Long traffic,

        @Schema(
                description = "How long after its decision a reward arrives",
                defaultValue = "0s",
                pattern = DurationText.PATTERN)
        @Nullable
        String delay,

        @Schema(
                description = "How often rewards reach the posteriors, when they come in batches; 0s: at once",
                defaultValue = "0s",
                pattern = DurationText.PATTERN)
        @Nullable
        String refresh,

        @Schema(
                description = "How often somebody looks whether the experiment is over, from 1m",
                defaultValue = "1h",
                pattern = DurationText.PATTERN)
        @Nullable
        String lookEvery,

        @Schema(
                description = "Days after which it ends without a verdict",
                defaultValue = "28",
                minimum = "1",
                maximum = "365")
        @Nullable
        Integer maxDays,

        @Schema(
                description = "Floor of every arm's probability under the bandit, 0 to 1 / arms",
                defaultValue = "0",
                minimum = "0",
                maximum = "0.5")
        @Nullable
        Double minAllocation,

        @Schema(description = "Beta prior of every arm under the bandit, both from 0.01") @Nullable
        PriorJson prior,

        @Schema(description = "min_lift, alpha and power give the fixed sample") @Nullable
        GuardrailsJson guardrails,

        @Schema(description = "When the experiment is over") @Nullable
        StopJson stop,

        @Schema(
                description =
                        "What ends the bandit. posterior: prob_best and max_expected_loss of stop; value_remaining: less than 1 % left to gain; anytime: evidence that holds whenever one looks, at alpha",
                defaultValue = "posterior",
                allowableValues = {"posterior", "value_remaining", "anytime"})
        @Nullable
        String rule,

        @Schema(description = "Simulated runs of each design", defaultValue = "500", minimum = "50", maximum = "2000")
        @Nullable
        Integer replications,

        @Schema(description = "The same one gives the same numbers", defaultValue = "1") @Nullable
        Long seed) {

    /** See {@link Plan.Arm}. */
    @Schema(name = "PlanArm")
    public record ArmJson(
            @Schema(requiredMode = RequiredMode.REQUIRED, example = "treatment") @Nullable
            String name,

            @Schema(
                    description = "Expected share of decisions that succeed",
                    requiredMode = RequiredMode.REQUIRED,
                    minimum = "0",
                    exclusiveMinimum = true,
                    maximum = "1",
                    exclusiveMaximum = true,
                    example = "0.12")
            @Nullable
            Double rate) {}

    /**
     * The plan, with defaults where something is missing.
     *
     * @throws dev.bandit.service.problem.Problem naming the first field that cannot stand
     */
    public Plan toDomain() {
        return new Plan(
                toArms(),
                required("traffic", traffic, "the decisions a day"),
                duration("delay", delay, Duration.ZERO),
                duration("refresh", refresh, Duration.ZERO),
                duration("look_every", lookEvery, Duration.ofHours(1)),
                maxDays == null ? 28 : maxDays,
                minAllocation == null ? 0 : minAllocation,
                prior == null ? Prior.UNIFORM : prior.toDomain(),
                guardrails == null ? Guardrails.DEFAULT : guardrails.toDomain(),
                stop == null ? Stop.DEFAULT : stop.toDomain(),
                rule == null ? Plan.Rule.POSTERIOR : Label.parse("rule", Plan.Rule.class, rule),
                replications == null ? 500 : replications,
                seed == null ? 1 : seed);
    }

    private List<Plan.Arm> toArms() {
        List<@Nullable ArmJson> given = required("arms", arms, "2 to " + Plan.MAX_ARMS + " arms with name and rate");
        List<Plan.Arm> result = new ArrayList<>(given.size());
        for (int k = 0; k < given.size(); k++) {
            String path = "arms[" + k + "]";
            ArmJson arm = required(path, given.get(k), "an object with name and rate");
            result.add(new Plan.Arm(
                    required(path + ".name", arm.name(), "a name"),
                    required(path + ".rate", arm.rate(), "a number more than 0 and less than 1")));
        }
        return result;
    }

    private static <T> T required(String field, @Nullable T value, String expected) {
        if (value == null) {
            throw new InvalidRequest(field, "is missing, expected " + expected);
        }
        return value;
    }

    private static Duration duration(String field, @Nullable String text, Duration standard) {
        return text == null ? standard : DurationText.parse(field, text);
    }
}
