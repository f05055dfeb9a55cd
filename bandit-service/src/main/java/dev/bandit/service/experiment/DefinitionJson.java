package dev.bandit.service.experiment;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.bandit.service.experiment.Definition.DecisionAck;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Definition.OnRegression;
import dev.bandit.service.experiment.Definition.PolicyName;
import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Definition.RewardAck;
import dev.bandit.service.experiment.Definition.Stop;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A definition on the wire and in Postgres; in snake_case. Everything but {@code variants} may be missing and then takes its default.
 * Durations are texts such as {@code 72h}, choices are lower-case names.
 */
@Schema(name = "Definition")
public record DefinitionJson(
        @Schema(
                description = "How arms are chosen",
                defaultValue = "thompson",
                allowableValues = {"thompson", "top_two", "fixed", "epsilon_greedy"})
        @Nullable
        String policy,

        @Schema(
                description = "Share of decisions that explore under epsilon_greedy, 0 to 1",
                defaultValue = "0.1",
                minimum = "0",
                maximum = "1")
        @Nullable
        Double epsilon,

        @Schema(description = "Beta prior of every arm") @Nullable
        PriorJson prior,

        @Schema(
                description =
                        "explicit: rewards are posted; exposure: a decision is a failure until its success arrives; window: a decision unrewarded after the window is a failure. Cannot change later",
                defaultValue = "explicit",
                allowableValues = {"explicit", "exposure", "window"})
        @Nullable
        String feedback,

        @Schema(
                description = "With feedback window, and only then: 1s to 30d",
                example = "15m",
                pattern = DurationText.PATTERN)
        @Nullable
        String window,

        @Schema(description = "Streamed event that is an exposure", example = "ButtonDisplayed") @Nullable
        String exposureEvent,

        @Schema(description = "Streamed event that is a success", example = "ButtonClicked") @Nullable
        String successEvent,

        @ArraySchema(
                minItems = 2,
                maxItems = 10_000,
                arraySchema = @Schema(description = "The arms", requiredMode = RequiredMode.REQUIRED))
        @Nullable
        List<@Nullable VariantJson> variants,

        @Schema(
                description = "Floor of every arm's probability under an adaptive policy, 0 to 1 / arms",
                defaultValue = "0",
                minimum = "0",
                maximum = "0.5")
        @Nullable
        Double minAllocation,

        @Schema(
                description =
                        "How long a unit keeps its arm under an adaptive policy, 1s to 365d; not at all when left out",
                example = "24h",
                pattern = DurationText.PATTERN)
        @Nullable
        String stickyTtl,

        @Schema(
                description =
                        "What an acknowledged reward means: store: Redis has it; ledger: Postgres has committed it too",
                defaultValue = "store",
                allowableValues = {"store", "ledger"})
        @Nullable
        String rewardAck,

        @Schema(
                description =
                        "What an acknowledged decision means: journal: the local journal has it, and Redis soon after; store: Redis has it too; async: as journal, but made without a record when the journal is full",
                defaultValue = "journal",
                allowableValues = {"journal", "store", "async"})
        @Nullable
        String decisionAck,

        @Schema(description = "Thresholds of the report") @Nullable
        GuardrailsJson guardrails,

        @Schema(description = "When the experiment is over") @Nullable
        StopJson stop) {

    /** See {@link Prior}. */
    @Schema(name = "Prior")
    public record PriorJson(
            @Schema(
                    description = "0.000001 to 1000000, a multiple of 0.000001",
                    defaultValue = "1",
                    minimum = "0.000001",
                    maximum = "1000000")
            @Nullable
            Double alpha,

            @Schema(
                    description = "0.000001 to 1000000, a multiple of 0.000001",
                    defaultValue = "1",
                    minimum = "0.000001",
                    maximum = "1000000")
            @Nullable
            Double beta) {
        public Prior toDomain() {
            return new Prior(or(alpha, Prior.UNIFORM.alpha()), or(beta, Prior.UNIFORM.beta()));
        }
    }

    /** See {@link Definition.Variant}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "Variant")
    public record VariantJson(
            @Schema(requiredMode = RequiredMode.REQUIRED, pattern = "^[A-Za-z0-9._-]{1,128}$", example = "treatment")
            @Nullable
            String name,

            @Schema(
                    description =
                            "Share under a fixed split, 0 to 1; all arms have one and they sum to 1, or none has: equal shares",
                    minimum = "0",
                    maximum = "1")
            @Nullable
            Double allocation,

            @Schema(
                    description = "What the others are compared with; the first arm when no arm says so",
                    defaultValue = "false")
            @Nullable
            Boolean control,

            @Schema(
                    description = "Nobody gets it for now; rewards of earlier decisions still count",
                    defaultValue = "false")
            @Nullable
            Boolean paused) {}

    /** See {@link Guardrails}. */
    @Schema(name = "Guardrails")
    public record GuardrailsJson(
            @Schema(
                    description = "Least absolute difference of rates worth shipping",
                    defaultValue = "0.02",
                    minimum = "0",
                    maximum = "1")
            @Nullable
            Double minLift,

            @Schema(
                    description = "Most relative slowdown that is tolerated",
                    defaultValue = "0.25",
                    minimum = "0",
                    maximum = "100")
            @Nullable
            Double maxLatencyRegression,

            @Schema(
                    description = "Significance level",
                    defaultValue = "0.05",
                    minimum = "0",
                    exclusiveMinimum = true,
                    maximum = "1",
                    exclusiveMaximum = true)
            @Nullable
            Double alpha,

            @Schema(
                    description = "Power wanted",
                    defaultValue = "0.8",
                    minimum = "0",
                    exclusiveMinimum = true,
                    maximum = "1",
                    exclusiveMaximum = true)
            @Nullable
            Double power,

            @Schema(
                    description =
                            "What happens to a treatment that is proven to be slower than is tolerated: it is reported, nobody gets it"
                                    + " any more, or the experiment is concluded with the control",
                    defaultValue = "report",
                    allowableValues = {"report", "pause_arm", "control"})
            @Nullable
            String onRegression) {
        public Guardrails toDomain() {
            Guardrails standard = Guardrails.DEFAULT;
            return new Guardrails(
                    or(minLift, standard.minLift()),
                    or(maxLatencyRegression, standard.maxLatencyRegression()),
                    or(alpha, standard.alpha()),
                    or(power, standard.power()),
                    onRegression == null
                            ? standard.onRegression()
                            : Label.parse("guardrails.on_regression", OnRegression.class, onRegression));
        }
    }

    /** See {@link Stop}. */
    @Schema(name = "Stop")
    public record StopJson(
            @Schema(
                    description = "Probability of being the best that the leader must reach",
                    defaultValue = "0.95",
                    minimum = "0",
                    maximum = "1")
            @Nullable
            Double probBest,

            @Schema(
                    description = "Expected loss that the leader must fall below",
                    defaultValue = "0.001",
                    minimum = "0",
                    maximum = "1")
            @Nullable
            Double maxExpectedLoss,

            @Schema(
                    description =
                            "What another arm may still be better by, relative to the leader, with probability 5 %, that the leader"
                                    + " must fall below; left out or 0: not asked for",
                    minimum = "0",
                    maximum = "1000000")
            @Nullable
            Double maxValueRemaining,

            @Schema(
                    description = "Decisions every arm must have had",
                    defaultValue = "100",
                    minimum = "0",
                    maximum = "1000000000000")
            @Nullable
            Long minDecisionsPerArm,

            @Schema(
                    description = "Time the experiment must have run since it was made or last resumed, 0s to 3650d",
                    defaultValue = "72h",
                    pattern = DurationText.PATTERN)
            @Nullable
            String minRuntime,

            @Schema(description = "Conclude with the leader then, rather than report it", defaultValue = "false")
            @Nullable
            Boolean autoConclude) {
        public Stop toDomain() {
            Stop standard = Stop.DEFAULT;
            return new Stop(
                    or(probBest, standard.probBest()),
                    or(maxExpectedLoss, standard.maxExpectedLoss()),
                    maxValueRemaining,
                    minDecisionsPerArm == null ? standard.minDecisionsPerArm() : minDecisionsPerArm,
                    minRuntime == null ? standard.minRuntime() : DurationText.parse("stop.min_runtime", minRuntime),
                    autoConclude != null && autoConclude);
        }
    }

    /** Everything of the definition, nothing left to a default. */
    public static DefinitionJson from(Definition definition) {
        Guardrails guardrails = definition.guardrails();
        Stop stop = definition.stop();
        return new DefinitionJson(
                definition.policy().label(),
                definition.epsilon(),
                new PriorJson(definition.prior().alpha(), definition.prior().beta()),
                definition.feedback().label(),
                text(definition.window()),
                definition.exposureEvent(),
                definition.successEvent(),
                definition.variants().stream()
                        .<@Nullable VariantJson>map(arm -> new VariantJson(
                                arm.name(), arm.allocation(), arm.control(), arm.paused() ? true : null))
                        .toList(),
                definition.minAllocation(),
                text(definition.stickyTtl()),
                definition.rewardAck().label(),
                definition.decisionAck().label(),
                new GuardrailsJson(
                        guardrails.minLift(),
                        guardrails.maxLatencyRegression(),
                        guardrails.alpha(),
                        guardrails.power(),
                        guardrails.onRegression().label()),
                new StopJson(
                        stop.probBest(),
                        stop.maxExpectedLoss(),
                        stop.maxValueRemaining(),
                        stop.minDecisionsPerArm(),
                        DurationText.format(stop.minRuntime()),
                        stop.autoConclude()));
    }

    /**
     * The definition, with defaults where something is missing.
     *
     * @throws InvalidDefinition naming the first field that cannot stand
     */
    public Definition toDomain() {
        DefinitionBuilder builder = new DefinitionBuilder(VariantsJson.toDomain(variants));
        if (policy != null) {
            builder.policy(Label.parse("policy", PolicyName.class, policy));
        }
        if (epsilon != null) {
            builder.epsilon(epsilon);
        }
        if (prior != null) {
            builder.prior(prior.toDomain());
        }
        if (feedback != null) {
            builder.feedback(Label.parse("feedback", Feedback.class, feedback));
        }
        if (window != null) {
            builder.window(DurationText.parse("window", window));
        }
        if (minAllocation != null) {
            builder.minAllocation(minAllocation);
        }
        if (stickyTtl != null) {
            builder.stickyTtl(DurationText.parse("sticky_ttl", stickyTtl));
        }
        if (rewardAck != null) {
            builder.rewardAck(Label.parse("reward_ack", RewardAck.class, rewardAck));
        }
        if (decisionAck != null) {
            builder.decisionAck(Label.parse("decision_ack", DecisionAck.class, decisionAck));
        }
        if (guardrails != null) {
            builder.guardrails(guardrails.toDomain());
        }
        if (stop != null) {
            builder.stop(stop.toDomain());
        }
        return builder.exposureEvent(exposureEvent).successEvent(successEvent).build();
    }

    private static double or(@Nullable Double value, double standard) {
        return value == null ? standard : value;
    }

    private static @Nullable String text(@Nullable Duration duration) {
        return duration == null ? null : DurationText.format(duration);
    }
}
