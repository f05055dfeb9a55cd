package dev.bandit.pipeline.simulate;

import dev.bandit.pipeline.simulate.SimulationResult.PolicyResult;
import dev.bandit.pipeline.simulate.SimulationResult.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A result for programs. Names and their meaning are stable; more may be added.
 *
 * @param laiRobbins null if rates change
 */
public record SimulationJson(
        long seed,
        long horizon,
        int replications,
        long delay,
        long refresh,
        double minAllocation,
        PriorJson prior,
        List<ArmJson> arms,
        List<ChangeJson> changes,
        @Nullable BoundJson laiRobbins,
        List<PolicyJson> policies) {

    record PriorJson(double alpha, double beta) {}

    record ArmJson(String arm, double rate) {}

    /** The arm's rate from the decision on that follows so many. */
    record ChangeJson(long decisions, String arm, double rate) {}

    /** C, and C ln(horizon). */
    record BoundJson(double constant, double atHorizon) {}

    /**
     * @param ci95 lower and upper end
     */
    record ValueJson(double mean, double standardError, List<Double> ci95) {
        static ValueJson from(Value value) {
            return new ValueJson(
                    value.mean(),
                    value.standardError(),
                    List.of(value.interval().lower(), value.interval().upper()));
        }
    }

    record PointJson(long decisions, double mean, double standardError, List<Double> ci95) {}

    /**
     * @param epsilon null for all but epsilon_greedy
     */
    record PolicyJson(
            String policy, @Nullable Double epsilon, ValueJson regret, ValueJson bestArmShare, List<PointJson> curve) {

        static PolicyJson from(PolicyResult result) {
            return new PolicyJson(
                    result.policy().name(),
                    result.epsilon().isPresent() ? result.epsilon().getAsDouble() : null,
                    ValueJson.from(result.regret()),
                    ValueJson.from(result.bestArmShare()),
                    result.curve().stream()
                            .map(point -> {
                                ValueJson value = ValueJson.from(point.regret());
                                return new PointJson(
                                        point.decisions(), value.mean(), value.standardError(), value.ci95());
                            })
                            .toList());
        }
    }

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    public static SimulationJson from(SimulationResult result) {
        Simulation played = result.simulation();
        return new SimulationJson(
                played.seed(),
                played.horizon(),
                played.replications(),
                played.delay(),
                played.refresh(),
                played.minAllocation(),
                new PriorJson(played.prior().alpha(), played.prior().beta()),
                played.rates().entrySet().stream()
                        .map(arm -> new ArmJson(arm.getKey(), arm.getValue()))
                        .toList(),
                played.changes().entrySet().stream()
                        .flatMap(change -> change.getValue().entrySet().stream()
                                .map(arm -> new ChangeJson(change.getKey(), arm.getKey(), arm.getValue())))
                        .toList(),
                result.laiRobbins()
                        .map(bound -> new BoundJson(bound.constant(), bound.atHorizon()))
                        .orElse(null),
                result.policies().stream().map(PolicyJson::from).toList());
    }

    /** As it is printed. */
    public String text() {
        return JSON.writeValueAsString(this);
    }
}
