package dev.bandit.pipeline.cli;

import dev.bandit.pipeline.engine.Engine;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where the work is done. */
final class EngineOptions {

    private static final String ALL_CORES = "local[*]";

    enum Kind {
        LOCAL,
        SPARK
    }

    @Option(
            names = "--engine",
            paramLabel = "local|spark",
            defaultValue = "local",
            description = "local: this process; spark: Apache Spark, of the same result (default: ${DEFAULT-VALUE}).")
    private Kind kind = Kind.LOCAL;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "Of Spark: local[*], spark://HOST:PORT, k8s://https://HOST:PORT (default: " + ALL_CORES + ").")
    private @Nullable String master;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    boolean spark() {
        return kind == Kind.SPARK;
    }

    /** Whether anybody has said anything about it. */
    boolean asked() {
        return spark() || master != null;
    }

    /** @throws ParameterException if there is a master of nothing */
    Engine open() {
        if (!spark() && master != null) {
            throw new ParameterException(
                    Objects.requireNonNull(command).commandLine(), "--master goes with --engine spark");
        }
        return spark() ? Engine.spark(Objects.requireNonNullElse(master, ALL_CORES)) : Engine.local();
    }
}
