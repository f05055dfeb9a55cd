package dev.bandit.service.cli;

import dev.bandit.service.experiment.DefinitionJson.GuardrailsJson;
import dev.bandit.service.experiment.DefinitionJson.StopJson;
import dev.bandit.service.plan.ForecastJson;
import dev.bandit.service.plan.ForecastText;
import dev.bandit.service.plan.Plan;
import dev.bandit.service.plan.PlanRequest;
import dev.bandit.service.plan.Planner;
import dev.bandit.service.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "plan",
        description = "Before an experiment: simulate it as a bandit and as a fixed split, and say which to take.",
        mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {

    private static final Duration BUDGET = Duration.ofSeconds(40);

    enum Format {
        text,
        json
    }

    @Option(
            names = "--prob",
            paramLabel = "ARM=RATE",
            split = ",",
            required = true,
            description = "The rate you expect of each arm, the control first: control=0.10,treatment=0.12.")
    private @Nullable Map<String, Double> rates;

    @Option(names = "--traffic", paramLabel = "N", required = true, description = "Decisions a day.")
    private long traffic;

    @Option(
            names = "--delay",
            paramLabel = "TIME",
            description = "From a decision to its reward: 30s, 15m, 72h or 7d (default: 0s).")
    private @Nullable String delay;

    @Option(
            names = "--refresh",
            paramLabel = "TIME",
            description = "How often rewards come in, if in batches (default: 0s, at once).")
    private @Nullable String refresh;

    @Option(
            names = "--look-every",
            paramLabel = "TIME",
            description = "How often somebody looks whether it is over (default: 1h).")
    private @Nullable String lookEvery;

    @Option(
            names = "--max-days",
            paramLabel = "N",
            description = "Days after which it ends without a verdict (default: 28).")
    private @Nullable Integer maxDays;

    @Option(
            names = "--min-allocation",
            paramLabel = "SHARE",
            description = "What every arm gets at least under the bandit (default: 0).")
    private @Nullable Double minAllocation;

    @Option(
            names = "--rule",
            paramLabel = "RULE",
            description = "What ends the bandit: posterior (default), value_remaining or anytime.")
    private @Nullable String rule;

    @Option(
            names = "--prob-best",
            paramLabel = "P",
            description = "For posterior: P(best) the leader must reach (default: 0.95).")
    private @Nullable Double probBest;

    @Option(
            names = "--max-expected-loss",
            paramLabel = "LOSS",
            description = "For posterior: expected loss it must fall below (default: 0.001).")
    private @Nullable Double maxExpectedLoss;

    @Option(
            names = "--min-decisions-per-arm",
            paramLabel = "N",
            description = "No verdict before every arm had as many (default: 100).")
    private @Nullable Long minDecisionsPerArm;

    @Option(names = "--min-runtime", paramLabel = "TIME", description = "No verdict before that (default: 72h).")
    private @Nullable String minRuntime;

    @Option(
            names = "--min-lift",
            paramLabel = "LIFT",
            description = "For the fixed sample: the least absolute lift worth finding (default: 0.02).")
    private @Nullable Double minLift;

    @Option(names = "--alpha", paramLabel = "P", description = "Significance level (default: 0.05).")
    private @Nullable Double alpha;

    @Option(names = "--power", paramLabel = "P", description = "Power of the fixed sample (default: 0.8).")
    private @Nullable Double power;

    @Option(
            names = "--replications",
            paramLabel = "N",
            description = "Simulated runs of each design, 50 to 2000 (default: 500).")
    private @Nullable Integer replications;

    @Option(names = "--seed", paramLabel = "N", description = "The same one gives the same numbers (default: 1).")
    private @Nullable Long seed;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        var plan = plan(command);
        var forecast = new Planner(BUDGET, true).forecast(plan);
        command.getOut()
                .println(
                        switch (format) {
                            case text -> ForecastText.of(plan, forecast);
                            case json -> ForecastJson.of(forecast);
                        });
        command.getOut().flush();
        return CommandLine.ExitCode.OK;
    }

    /** What cannot stand is wrong usage. */
    private Plan plan(CommandLine command) {
        List<PlanRequest.@Nullable ArmJson> arms = new ArrayList<>();
        Objects.requireNonNull(rates).forEach((name, rate) -> arms.add(new PlanRequest.ArmJson(name, rate)));
        try {
            return new PlanRequest(
                            arms,
                            traffic,
                            delay,
                            refresh,
                            lookEvery,
                            maxDays,
                            minAllocation,
                            new GuardrailsJson(minLift, null, alpha, power, null),
                            new StopJson(probBest, maxExpectedLoss, null, minDecisionsPerArm, minRuntime, null),
                            rule,
                            replications,
                            seed)
                    .toDomain();
        } catch (Problem e) {
            throw new ParameterException(command, e.detail(), e);
        }
    }
}
