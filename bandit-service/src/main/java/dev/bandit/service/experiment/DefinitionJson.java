package dev.bandit.service.experiment;

import dev.bandit.service.experiment.Definition.DecisionAck;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Definition.PolicyName;
import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Definition.RewardAck;
import dev.bandit.service.experiment.Definition.Stop;
import dev.bandit.service.experiment.Definition.Variant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A definition on the wire and in Postgres; in snake_case. Everything but {@code variants} may be missing and then takes its default.
 * Durations are texts such as {@code 72h}, choices are lower-case names.
 */
public record DefinitionJson(
        @Nullable String policy,
        @Nullable Double epsilon,
        @Nullable PriorJson prior,
        @Nullable String feedback,
        @Nullable String window,
        @Nullable String exposureEvent,
        @Nullable String successEvent,
        @Nullable List<@Nullable VariantJson> variants,
        @Nullable Double minAllocation,
        @Nullable String stickyTtl,
        @Nullable String rewardAck,
        @Nullable String decisionAck,
        @Nullable GuardrailsJson guardrails,
        @Nullable StopJson stop) {

    /** See {@link Prior}. */
    public record PriorJson(@Nullable Double alpha, @Nullable Double beta) {
        Prior toDomain() {
            return new Prior(or(alpha, Prior.UNIFORM.alpha()), or(beta, Prior.UNIFORM.beta()));
        }
    }

    /** See {@link Variant}. */
    public record VariantJson(@Nullable String name, @Nullable Double allocation, @Nullable Boolean control) {}

    /** See {@link Guardrails}. */
    public record GuardrailsJson(
            @Nullable Double minLift,
            @Nullable Double maxLatencyRegression,
            @Nullable Double alpha,
            @Nullable Double power) {
        Guardrails toDomain() {
            Guardrails standard = Guardrails.DEFAULT;
            return new Guardrails(
                    or(minLift, standard.minLift()),
                    or(maxLatencyRegression, standard.maxLatencyRegression()),
                    or(alpha, standard.alpha()),
                    or(power, standard.power()));
        }
    }

    /** See {@link Stop}. */
    public record StopJson(
            @Nullable Double probBest,
            @Nullable Double maxExpectedLoss,
            @Nullable Long minDecisionsPerArm,
            @Nullable String minRuntime) {
        Stop toDomain() {
            Stop standard = Stop.DEFAULT;
            return new Stop(
                    or(probBest, standard.probBest()),
                    or(maxExpectedLoss, standard.maxExpectedLoss()),
                    minDecisionsPerArm == null ? standard.minDecisionsPerArm() : minDecisionsPerArm,
                    minRuntime == null ? standard.minRuntime() : DurationText.parse("stop.min_runtime", minRuntime));
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
                        .<@Nullable VariantJson>map(arm -> new VariantJson(arm.name(), arm.allocation(), arm.control()))
                        .toList(),
                definition.minAllocation(),
                text(definition.stickyTtl()),
                definition.rewardAck().label(),
                definition.decisionAck().label(),
                new GuardrailsJson(
                        guardrails.minLift(), guardrails.maxLatencyRegression(), guardrails.alpha(), guardrails.power()),
                new StopJson(
                        stop.probBest(),
                        stop.maxExpectedLoss(),
                        stop.minDecisionsPerArm(),
                        DurationText.format(stop.minRuntime())));
    }

    /**
     * The definition, with defaults where something is missing.
     *
     * @throws InvalidDefinition naming the first field that cannot stand
     */
    public Definition toDomain() {
        DefinitionBuilder builder = new DefinitionBuilder(arms());
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

    private Variants arms() {
        if (variants == null) {
            throw new InvalidDefinition("variants", "is missing, expected 2 to 10000 arms such as [{\"name\":\"control\"},{\"name\":\"treatment\"}]");
        }
        int n = variants.size();
        if (n < Variants.MIN_ARMS || n > Variants.MAX_ARMS) {
            throw new InvalidDefinition(
                    "variants", "has " + n + " arms, expected " + Variants.MIN_ARMS + " to " + Variants.MAX_ARMS);
        }
        VariantJson first = variants.getFirst();
        boolean given = first != null && first.allocation() != null;
        List<Variant> arms = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            arms.add(arm("variants[" + i + "]", variants.get(i), given, n));
        }
        return Variants.of(arms);
    }

    private static Variant arm(String path, @Nullable VariantJson arm, boolean given, int arms) {
        if (arm == null) {
            throw new InvalidDefinition(path, "is null, expected an object with a name");
        }
        if (arm.name() == null) {
            throw new InvalidDefinition(path + ".name", "is missing, " + Check.NAME_EXPECTED);
        }
        Double allocation = arm.allocation();
        if ((allocation != null) != given) {
            throw new InvalidDefinition(
                    path + ".allocation",
                    "is " + (given ? "missing" : allocation) + ", expected an allocation for every arm or for none");
        }
        try {
            return new Variant(
                    arm.name(), allocation == null ? 1.0 / arms : allocation, Boolean.TRUE.equals(arm.control()));
        } catch (InvalidDefinition e) {
            throw e.inside(path);
        }
    }

    private static double or(@Nullable Double value, double standard) {
        return value == null ? standard : value;
    }

    private static @Nullable String text(@Nullable Duration duration) {
        return duration == null ? null : DurationText.format(duration);
    }
}
