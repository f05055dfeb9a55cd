package dev.bandit.service.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.bandit.cli.CommandFailed;
import dev.bandit.cli.Progress;
import dev.bandit.service.traffic.EventTraffic;
import dev.bandit.service.traffic.HttpLoop;
import dev.bandit.service.traffic.Scenario;
import dev.bandit.service.traffic.TrafficFailed;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "traffic",
        description = "Make exposures and clicks: to Kafka, or, with --http, against a running service.",
        mixinStandardHelpOptions = true)
final class TrafficCommand implements Callable<Integer> {

    private static final double HIGHEST_RATE = 100_000;

    @Option(names = "--config", paramLabel = "FILE", description = "experiments.yaml: tests, variants, brokers, topic.")
    private @Nullable Path config;

    @Option(names = "--test", paramLabel = "ID", description = "Only this test of the file.")
    private @Nullable String test;

    @Option(
            names = "--eps",
            paramLabel = "N",
            defaultValue = "50",
            description = "Events a second, or visits with --http (default: ${DEFAULT-VALUE}); 0: as fast as it goes.")
    private double eps;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long (default: ${DEFAULT-VALUE}).")
    private double duration;

    @Option(
            names = "--prob",
            paramLabel = "VARIANT=RATE",
            split = ",",
            description = "Each variant's click rate: control=0.35,treatment=0.55.")
    private @Nullable Map<String, Double> rates;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "The same one makes the same events (default: a new one).")
    private @Nullable Long seed;

    @Option(
            names = "--users",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int users;

    @Option(names = "--brokers", paramLabel = "HOST:PORT", description = "Instead of those of the file.")
    private @Nullable String brokers;

    @Option(
            names = "--duplicates",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of records that repeat an event (default: ${DEFAULT-VALUE}).")
    private double duplicates;

    @Option(
            names = "--poison",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of records that are no event (default: ${DEFAULT-VALUE}).")
    private double poison;

    @Option(names = "--from", paramLabel = "FILE", description = "Send these recorded events (JSON lines) instead.")
    private @Nullable Path from;

    @Option(names = "--http", paramLabel = "URL", description = "Ask this service for variants and reward it.")
    private @Nullable URI http;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "16",
            description = "With --http: visits at once (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        check();
        // Without Spring nobody has told the log what to leave out; what goes wrong is told here.
        ((Logger) LoggerFactory.getLogger("org.apache.kafka")).setLevel(Level.ERROR);
        var command = Objects.requireNonNull(spec).commandLine();
        try {
            var done = run(new Progress(
                    command.getErr(),
                    System.console() != null && System.console().isTerminal()));
            command.getOut().println(done);
            command.getOut().flush();
            return CommandLine.ExitCode.OK;
        } catch (TrafficFailed e) {
            throw new CommandFailed(String.valueOf(e.getMessage()), e);
        }
    }

    private String run(Progress progress) throws InterruptedException {
        var scenario = config == null
                ? new Scenario(null, Scenario.DEFAULT_TOPIC, List.of())
                : EventTraffic.scenario(config).only(test);
        long seed = this.seed == null ? ThreadLocalRandom.current().nextLong(1_000_000) : this.seed;
        if (http != null) {
            return new HttpLoop(
                            http,
                            experiment(scenario),
                            new HttpLoop.Plan(eps, duration, Objects.requireNonNull(rates), users, connections, seed),
                            progress)
                    .run();
        }
        var to = brokers != null ? brokers : scenario.brokers();
        if (to == null) {
            throw wrong("Which broker? Name it with --brokers, or in the file under kafka");
        }
        var traffic = new EventTraffic(progress);
        return from != null
                ? traffic.replay(from, scenario, to, eps)
                : traffic.make(
                        scenario,
                        to,
                        new EventTraffic.Plan(
                                eps, duration, Objects.requireNonNull(rates), duplicates, poison, users, seed));
    }

    private String experiment(Scenario scenario) {
        if (test != null) {
            return test;
        }
        if (scenario.tests().size() != 1) {
            throw wrong("--http is for one experiment: name it with --test");
        }
        return scenario.tests().getFirst().testId();
    }

    private void check() {
        require(eps >= 0 && eps <= HIGHEST_RATE, "--eps is " + eps + ", expected 0 to 100000");
        require(
                duration > 0 && duration < Double.POSITIVE_INFINITY,
                "--duration is " + duration + ", expected above 0");
        require(
                duplicates >= 0 && poison >= 0 && duplicates + poison < 1,
                "--duplicates and --poison are %s and %s, expected shares of a sum below 1"
                        .formatted(duplicates, poison));
        require(users > 0, "--users is " + users + ", expected above 0");
        require(connections > 0, "--connections is " + connections + ", expected above 0");
        require(http == null || from == null, "--http and --from exclude each other");
        require(config != null || http != null || from != null, "Missing required option: '--config=FILE'");
        if (from != null) {
            require(rates == null, "--from sends what was recorded: --prob has no place there");
            return;
        }
        require(rates != null, "Missing required option: '--prob=VARIANT=RATE'");
        Objects.requireNonNull(rates)
                .forEach((variant, rate) -> require(
                        rate != null && rate >= 0 && rate <= 1,
                        "--prob of %s is %s, expected 0 to 1".formatted(variant, rate)));
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            throw wrong(otherwise);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
