package dev.bandit.service.cli;

import dev.bandit.cli.CommandFailed;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplication.AbandonedRunException;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** The service without HTTP: events come from Kafka, snapshots go to the sinks, first of all the console. */
@Command(
        name = "engine",
        description = {
            "Run experiments.yaml on events from Kafka, without HTTP. A last snapshot is taken at the end.",
            "Starts a Redis and a PostgreSQL of its own unless they are configured, with --embedded-kafka a broker too. Any Spring property may follow."
        },
        mixinStandardHelpOptions = true)
final class EngineCommand implements Callable<Integer> {

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final int KAFKA_PORT = 9092;
    private static final int HIGHEST_PORT = 65_535;

    private final Class<?> application;

    @Option(
            names = "--run-for",
            paramLabel = "SECONDS",
            description = "End after that time (default: when it is told to, with Ctrl-C).")
    private @Nullable Long runFor;

    @Option(
            names = "--progress-interval",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How often to say what has come in, and to take snapshots (default: ${DEFAULT-VALUE}).")
    private long progressInterval;

    @Option(
            names = "--embedded-kafka",
            paramLabel = "PORT",
            arity = "0..1",
            fallbackValue = "" + KAFKA_PORT,
            description = "Run a Kafka broker too, on that port of this machine (default: ${FALLBACK-VALUE}).")
    private @Nullable Integer embeddedKafka;

    @Mixin
    private ServiceOptions options = new ServiceOptions();

    @Unmatched
    private List<String> others = new ArrayList<>();

    @Spec
    private @Nullable CommandSpec spec;

    EngineCommand(Class<?> application) {
        this.application = application;
    }

    @Override
    public Integer call() throws InterruptedException {
        var arguments = options.springArguments(others);
        check();
        if (embeddedKafka != null) {
            arguments.add("--bandit.embedded.kafka.enabled=true");
            arguments.add("--bandit.embedded.kafka.port=" + embeddedKafka);
        }
        var spring = new SpringApplication(application);
        spring.setWebApplicationType(WebApplicationType.NONE);
        spring.setDefaultProperties(defaults());
        ConfigurableApplicationContext context;
        try {
            context = spring.run(arguments.toArray(String[]::new));
        } catch (AbandonedRunException e) {
            throw e;
        } catch (RuntimeException e) {
            // Spring Boot has reported it.
            return CommandLine.ExitCode.SOFTWARE;
        }
        try (context) {
            if (context.getEnvironment().getProperty("spring.kafka.bootstrap-servers") == null) {
                throw new CommandFailed(options.config()
                        + " names no kafka.brokers, expected some, or --embedded-kafka to run a broker here.");
            }
            System.out.println("The engine runs" + (runFor == null ? "; Ctrl-C stops it." : " for " + runFor + " s."));
            work(context.getBean(MeterRegistry.class));
        }
        return CommandLine.ExitCode.OK;
    }

    private void check() {
        if (options.config() == null) {
            throw wrong("Missing required option: '--config=FILE'");
        }
        if (runFor != null && runFor < 1) {
            throw wrong("Invalid value for option '--run-for': " + runFor + ", expected 1 or more seconds");
        }
        if (progressInterval < 1 || progressInterval > 86_400) {
            throw wrong("Invalid value for option '--progress-interval': " + progressInterval
                    + ", expected 1 to 86400 seconds");
        }
        if (embeddedKafka != null && (embeddedKafka < 1 || embeddedKafka > HIGHEST_PORT)) {
            throw wrong("Invalid value for option '--embedded-kafka': " + embeddedKafka + " is not a port (1 to "
                    + HIGHEST_PORT + ")");
        }
    }

    private ParameterException wrong(String message) {
        if (spec == null) {
            throw new IllegalStateException(message);
        }
        return new ParameterException(spec.commandLine(), message);
    }

    private Map<String, Object> defaults() {
        var defaults = new HashMap<String, Object>();
        defaults.put("bandit.sinks", "console");
        defaults.put("bandit.snapshot.interval", progressInterval + "s");
        defaults.put("bandit.snapshot.at-end", "true");
        return defaults;
    }

    /** Says again and again what has come in, until the time is over. */
    private void work(MeterRegistry meters) throws InterruptedException {
        long end = runFor == null
                ? Long.MAX_VALUE
                : System.nanoTime() + Duration.ofSeconds(runFor).toNanos();
        while (runFor == null || System.nanoTime() - end < 0) {
            long left = runFor == null ? Long.MAX_VALUE : end - System.nanoTime();
            Thread.sleep(Duration.ofNanos(Math.max(
                    1, Math.min(left, Duration.ofSeconds(progressInterval).toNanos()))));
            progress(meters, System.out);
        }
    }

    /** A line such as {@code 12:00:10  9,500 applied, 500 duplicate, 0 behind}. */
    static void progress(MeterRegistry meters, PrintStream out) {
        var records = new TreeMap<String, Double>();
        for (Counter counter : meters.find("bandit.stream.records").counters()) {
            var outcome = counter.getId().getTag("outcome");
            if (outcome != null) {
                records.merge(outcome, counter.count(), Double::sum);
            }
        }
        double behind = meters.find("bandit.stream.lag").gauges().stream()
                .mapToDouble(Gauge::value)
                .filter(Double::isFinite)
                .sum();
        var line = new StringBuilder();
        line.append(CLOCK.format(LocalTime.now(ZoneId.systemDefault()))).append(' ');
        records.forEach((outcome, count) -> {
            if (count > 0 || outcome.equals("applied")) {
                line.append(" %,.0f %s,".formatted(count, outcome));
            }
        });
        out.println(line.append(" %,.0f behind".formatted(behind)));
    }
}
