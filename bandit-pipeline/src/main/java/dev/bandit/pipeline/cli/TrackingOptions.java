package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.mlflow.Run;
import dev.bandit.pipeline.mlflow.Tracking;
import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Where a command logs what it found, if anywhere. */
final class TrackingOptions {

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
