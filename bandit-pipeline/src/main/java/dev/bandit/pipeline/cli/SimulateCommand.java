package dev.bandit.pipeline.cli;

import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.pipeline.cli.TrackingOptions.Heading;
import dev.bandit.pipeline.mlflow.RunKey;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.policy.PolicyName;
import dev.bandit.pipeline.simulate.Simulation;
import dev.bandit.pipeline.simulate.SimulationFiles;
import dev.bandit.pipeline.simulate.SimulationJson;
import dev.bandit.pipeline.simulate.SimulationResult;
import dev.bandit.pipeline.simulate.SimulationText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "simulate",
        description =
                "Play policies against arms of known rates, many times: what they lose, beside the bound of Lai and Robbins.",
        mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {

    private static final Pattern ARM = Pattern.compile("[\\w.-]{1,100}");

    @Option(
            names = "--prob",
            paramLabel = "ARM=RATE,...",
            required = true,
            description = "The rate of each arm: control=0.10,a=0.12,b=0.09.")
    private String rates = "";

    @Option(
            names = "--change",
            paramLabel = "N:ARM=RATE,...",
            description = "Other rates after N decisions, for the arms named: 50000:a=0.2. May be given again.")
    private List<String> changes = List.of();

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            split = ",",
            defaultValue = "thompson",
            description = "One or several of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private List<PolicyName> policies = List.of();

    @Option(
            names = "--horizon",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Decisions in each replication (default: ${DEFAULT-VALUE}).")
    private long horizon;

    @Option(
            names = "--replications",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How often it is played (default: ${DEFAULT-VALUE}).")
    private int replications;

    @Option(
            names = "--delay",
            paramLabel = "N",
            defaultValue = "0",
            description = "Decisions made before the reward of one is known (default: ${DEFAULT-VALUE}).")
    private long delay;

    @Option(
            names = "--refresh",
            paramLabel = "N",
            defaultValue = "0",
            description = "Decisions between renewals of the propensities: the batch size (default: 0, at once).")
    private long refresh;

    @Option(
            names = "--min-allocation",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "What every arm gets at least, except under fixed (default: 0).")
    private double minAllocation;

    @Option(
            names = "--epsilon",
            paramLabel = "SHARE",
            description = "Of epsilon_greedy: how often it plays any arm at all (default: 0.1).")
    private @Nullable Double epsilon;

    @Option(
            names = "--prior",
            paramLabel = "ALPHA,BETA",
            defaultValue = "1,1",
            converter = PriorConverter.class,
            description = "What is believed of every arm at first (default: ${DEFAULT-VALUE}).")
    private @Nullable BetaPosterior prior;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same one gives the same numbers (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    private final TrackingOptions tracking = new TrackingOptions();

    @Spec
    private @Nullable CommandSpec spec;

    private final Pipes pipes;

    SimulateCommand(Pipes pipes) {
        this.pipes = pipes;
    }

    @Override
    public Integer call() {
        Simulation simulation = simulation();
        var folder = output.folder();
        SimulationResult result = simulation.run();
        output.print(
                () -> SimulationText.of(result),
                () -> SimulationJson.from(result).text());
        folder.ifPresent(into -> SimulationFiles.write(result, into).forEach(output::written));
        track(result);
        pipes.materialized(Map.of(
                "policies",
                result.policies().size(),
                "horizon",
                simulation.horizon(),
                "replications",
                simulation.replications()));
        return CommandLine.ExitCode.OK;
    }

    private void track(SimulationResult result) {
        Map<String, String> settings = TrackingOptions.settings(Objects.requireNonNull(spec));
        settings.putAll(TrackingOptions.STUDENT);
        tracking.record(
                new Heading(
                        "simulate " + settings.get("policy"),
                        RunKey.of(
                                "simulate",
                                settings,
                                SimulationJson.from(result).text()),
                        settings,
                        Map.of("command", "simulate")),
                folder -> SimulationFiles.write(result, folder),
                run -> {
                    for (SimulationResult.PolicyResult each : result.policies()) {
                        run.metric(
                                "best_arm_share/" + each.policy(),
                                each.bestArmShare().mean());
                        for (SimulationResult.Point point : each.curve()) {
                            run.metric(
                                    "cumulative_regret/" + each.policy(),
                                    point.decisions(),
                                    point.regret().mean());
                        }
                    }
                    result.laiRobbins().ifPresent(bound -> run.metric("lai_robbins", bound.atHorizon()));
                });
    }

    /** What cannot be played is wrong usage. */
    private Simulation simulation() {
        try {
            return new Simulation(
                    rates("--prob", rates),
                    changes(),
                    policies,
                    epsilon == null ? OptionalDouble.empty() : OptionalDouble.of(epsilon),
                    horizon,
                    replications,
                    delay,
                    refresh,
                    minAllocation,
                    Objects.requireNonNull(prior),
                    seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private NavigableMap<Long, Map<String, Double>> changes() {
        NavigableMap<Long, Map<String, Double>> all = new TreeMap<>();
        for (String change : changes) {
            String[] parts = change.split(":", 2);
            if (parts.length < 2) {
                throw wrong("--change", change, "expected N:ARM=RATE such as 50000:a=0.2");
            }
            if (all.put(wholeNumber("--change", change, parts[0]), rates("--change", parts[1])) != null) {
                throw wrong("--change", change, "there is one after " + parts[0] + " decisions already");
            }
        }
        return all;
    }

    private static SequencedMap<String, Double> rates(String option, String text) {
        SequencedMap<String, Double> all = new LinkedHashMap<>();
        for (String arm : text.split(",", -1)) {
            String[] parts = arm.split("=", 2);
            if (parts.length < 2 || !ARM.matcher(parts[0]).matches()) {
                throw wrong(
                        option, arm, "expected ARM=RATE such as a=0.12, the name of letters, digits, '_', '-' and '.'");
            }
            if (all.put(parts[0], number(option, arm, parts[1])) != null) {
                throw wrong(option, arm, "the arm is named twice");
            }
        }
        return all;
    }

    private static double number(String option, String given, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw wrong(option, given, "'" + text + "' is no number");
        }
    }

    private static long wholeNumber(String option, String given, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw wrong(option, given, "'" + text + "' is no whole number");
        }
    }

    private static IllegalArgumentException wrong(String option, String given, String why) {
        return new IllegalArgumentException("Invalid value for option '%s': '%s', %s".formatted(option, given, why));
    }
}
