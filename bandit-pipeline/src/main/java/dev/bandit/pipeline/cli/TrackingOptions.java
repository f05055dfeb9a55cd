package dev.bandit.pipeline.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.pipeline.mlflow.Run;
import dev.bandit.pipeline.mlflow.Tracking;
import dev.bandit.pipeline.output.OutputFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where a command logs what it found, if anywhere. */
final class TrackingOptions {

    /** What does not change the numbers; and an address may have a password in it. */
    private static final Set<String> NO_SETTINGS = Set.of(
            "--mlflow",
            "--mlflow-experiment",
            "--format",
            "--out",
            "--store",
            "--postgres",
            "--url",
            "--apply",
            "--engine",
            "--master",
            "--version");

    /** By what the intervals over runs are made, for those who compare commands. */
    static final Map<String, String> STUDENT = Map.of("alpha", "0.05", "test_type", "student_t");

    @Option(
            names = "--mlflow",
            paramLabel = "URI",
            converter = ServerAddress.class,
            description = "Log to this MLflow server, such as http://localhost:5000; once, however often it is tried.")
    private @Nullable URI mlflow;

    @Option(
            names = "--mlflow-experiment",
            paramLabel = "NAME",
            defaultValue = "bandit",
            description = "MLflow's experiment (default: ${DEFAULT-VALUE}).")
    private String experiment = "bandit";

    /** What a run is begun with; {@code key} from {@link dev.bandit.pipeline.mlflow.RunKey}. */
    record Heading(String name, String key, Map<String, String> parameters, Map<String, String> tags) {}

    String experiment() {
        return experiment;
    }

    boolean wanted() {
        return mlflow != null;
    }

    /** Logs a run, if it is wanted; it counts as failed if {@code content} fails. */
    void record(Heading heading, Consumer<Run> content) {
        if (mlflow == null) {
            return;
        }
        try (Tracking tracking = Tracking.open(mlflow, experiment);
                Run run = tracking.run(heading.name(), heading.key(), heading.parameters(), heading.tags())) {
            content.accept(run);
            run.finish();
        }
    }

    /**
     * The same with pictures and tables, which are made for it and sent first.
     *
     * @param files writes them into a folder, and says which they are
     */
    void record(Heading heading, Function<OutputFolder, List<Path>> files, Consumer<Run> content) {
        record(heading, run -> {
            Path folder = temporary();
            try {
                files.apply(OutputFolder.at(folder)).forEach(run::artifact);
            } finally {
                remove(folder);
            }
            content.accept(run);
        });
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("bandit-");
        } catch (IOException e) {
            throw new CommandFailed("No folder for pictures could be made: " + e.getMessage(), e);
        }
    }

    private static void remove(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            throw new CommandFailed("%s could not be removed: %s".formatted(folder, e.getMessage()), e);
        }
    }

    /** What a command was told, by the names of its options; not where its data and its output are. */
    static Map<String, String> settings(CommandSpec command) {
        Map<String, String> settings = new TreeMap<>();
        for (OptionSpec option : command.options()) {
            Object value = option.getValue();
            if (value == null || NO_SETTINGS.contains(option.longestName()) || option.usageHelp()) {
                continue;
            }
            String name = option.longestName().substring(2).replace('-', '_');
            if (value instanceof BetaPosterior prior) {
                settings.put(name + "_alpha", String.valueOf(prior.alpha()));
                settings.put(name + "_beta", String.valueOf(prior.beta()));
            } else {
                settings.put(name, value.toString());
            }
        }
        return settings;
    }

    /** Told as wrong usage, and without what it is: credentials may be in it. */
    static final class ServerAddress implements ITypeConverter<URI> {

        @Override
        public URI convert(String value) {
            URI address;
            try {
                address = URI.create(value);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("is no address");
            }
            try {
                return Tracking.checked(address);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }
}
