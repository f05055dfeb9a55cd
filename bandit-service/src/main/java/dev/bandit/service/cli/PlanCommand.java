package dev.bandit.service.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.service.experiment.Check;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Definition.Variant;
import dev.bandit.service.experiment.DefinitionJson;
import dev.bandit.service.experiment.DefinitionJson.GuardrailsJson;
import dev.bandit.service.experiment.DefinitionJson.PriorJson;
import dev.bandit.service.experiment.DefinitionJson.StopJson;
import dev.bandit.service.file.ExperimentsFileReader;
import dev.bandit.service.file.InvalidFile;
import dev.bandit.service.plan.ForecastJson;
import dev.bandit.service.plan.ForecastText;
import dev.bandit.service.plan.Plan;
import dev.bandit.service.plan.PlanRequest;
import dev.bandit.service.plan.Planner;
import dev.bandit.service.problem.Problem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
            description =
                    "The rate you expect of each arm, the control first: control=0.10,treatment=0.12. With --config, every arm of the test in any order.")
    private @Nullable Map<String, Double> rates;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description =
                    "experiments.yaml: arms, prior, min_allocation, guardrails and stop of the test, unless said here; arms that are paused are left out.")
    private @Nullable Path config;

    @Option(names = "--test", paramLabel = "ID", description = "Which test of the file, if it has several.")
    private @Nullable String test;

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
        @Nullable Definition definition = definition(command);
        // With all of its fields, or with none.
        GuardrailsJson guardrails = null;
        StopJson stop = null;
        PriorJson prior = null;
        Double floor = minAllocation;
        if (definition != null) {
            DefinitionJson json = DefinitionJson.from(definition);
            guardrails = json.guardrails();
            stop = json.stop();
            prior = json.prior();
            floor = or(minAllocation, json.minAllocation());
        }
        try {
            return new PlanRequest(
                            arms(command, definition),
                            traffic,
                            delay,
                            refresh,
                            lookEvery,
                            maxDays,
                            floor,
                            prior,
                            new GuardrailsJson(
                                    or(minLift, guardrails == null ? null : guardrails.minLift()),
                                    null,
                                    or(alpha, guardrails == null ? null : guardrails.alpha()),
                                    or(power, guardrails == null ? null : guardrails.power()),
                                    null),
                            new StopJson(
                                    or(probBest, stop == null ? null : stop.probBest()),
                                    or(maxExpectedLoss, stop == null ? null : stop.maxExpectedLoss()),
                                    stop == null ? null : stop.maxValueRemaining(),
                                    or(minDecisionsPerArm, stop == null ? null : stop.minDecisionsPerArm()),
                                    or(minRuntime, stop == null ? null : stop.minRuntime()),
                                    null),
                            rule,
                            replications,
                            seed)
                    .toDomain();
        } catch (Problem e) {
            throw new ParameterException(command, e.detail(), e);
        }
    }

    /** The test of the file; null without a file. */
    private @Nullable Definition definition(CommandLine command) {
        if (config == null) {
            if (test != null) {
                throw new ParameterException(command, "--test says which test of a file, expected --config too");
            }
            return null;
        }
        Map<String, Definition> tests;
        try {
            tests = ExperimentsFileReader.read(config).tests();
        } catch (InvalidFile e) {
            throw new CommandFailed(e.getMessage(), e);
        }
        if (test == null && tests.size() == 1) {
            return tests.values().iterator().next();
        }
        Definition found = test == null ? null : tests.get(test);
        if (found == null) {
            throw new ParameterException(
                    command,
                    "--test is %s, expected one of %s"
                            .formatted(
                                    test == null ? "missing" : Check.shown(test), String.join(", ", tests.keySet())));
        }
        return found;
    }

    /** Those of the test, or those that have a rate; the control first. */
    private List<PlanRequest.@Nullable ArmJson> arms(CommandLine command, @Nullable Definition definition) {
        Map<String, Double> given = Objects.requireNonNull(rates);
        List<PlanRequest.@Nullable ArmJson> arms = new ArrayList<>();
        if (definition == null) {
            given.forEach((name, rate) -> arms.add(new PlanRequest.ArmJson(name, rate)));
            return arms;
        }
        List<String> names = definition.variants().stream()
                .filter(arm -> !arm.paused())
                .sorted(Comparator.comparing(arm -> !arm.control()))
                .map(Variant::name)
                .toList();
        if (!given.keySet().equals(Set.copyOf(names))) {
            throw new ParameterException(
                    command,
                    "--prob has %s, expected a rate for each of %s"
                            .formatted(String.join(", ", given.keySet()), String.join(", ", names)));
        }
        names.forEach(name -> arms.add(new PlanRequest.ArmJson(name, given.get(name))));
        return arms;
    }

    private static <T> @Nullable T or(@Nullable T first, @Nullable T second) {
        return first == null ? second : first;
    }
}
