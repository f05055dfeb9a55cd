package dev.bandit.service.cli;

import dev.bandit.cli.UsageErrors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command that runs the service can be told. */
final class ServiceOptions {

    private static final Pattern SPRING_PROPERTY =
            Pattern.compile("--[a-zA-Z][\\w-]*(\\.[\\w\\[\\]-]+)+(=.*)?", Pattern.DOTALL);

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description = "Where the service keeps its files and those of its own servers (default: ./.bandit).")
    private @Nullable Path dataDir;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "experiments.yaml to run; changes of its tests are taken in while the service runs.")
    private @Nullable Path config;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    /** The experiments.yaml, if one is named. */
    @Nullable
    Path config() {
        return config;
    }

    /**
     * All of it as Spring takes it.
     *
     * @param others what picocli did not know: Spring properties
     * @throws ParameterException if something else was said than an option or a Spring property
     */
    List<String> springArguments(List<String> others) {
        var arguments = new ArrayList<String>();
        if (dataDir != null) {
            arguments.add("--bandit.data-dir=" + dataDir);
        }
        if (config != null) {
            arguments.add("--bandit.config=" + config);
        }
        for (var other : others) {
            if (!SPRING_PROPERTY.matcher(other).matches()) {
                throw new ParameterException(
                        Objects.requireNonNull(spec).commandLine(),
                        UsageErrors.isOption(other)
                                ? "Unknown option: '" + UsageErrors.name(other) + "'"
                                // It may be the value of the option before it.
                                : "Unknown argument, which is not shown here; a property is --name=value");
            }
            arguments.add(other);
        }
        return arguments;
    }
}
