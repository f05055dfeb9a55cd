package dev.bandit.service.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.cli.ServiceCall;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code POST /admin/<action>} on a running service, for one experiment or all of them. Fails when the answer finds a difference. */
abstract class AdminCall implements Callable<Integer> {

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final String action;

    @Parameters(arity = "0..1", paramLabel = "EXPERIMENT", description = "One experiment; all of them when left out.")
    private @Nullable String experiment;

    @Mixin
    private final ServiceCall service = new ServiceCall();

    @Spec
    private @Nullable CommandSpec spec;

    AdminCall(String action) {
        this.action = action;
    }

    @Override
    public Integer call() {
        var query = experiment == null ? "" : "?experiment=" + URLEncoder.encode(experiment, StandardCharsets.UTF_8);
        var findings = findings(service.send("POST", "/admin/" + action + query));
        var out = Objects.requireNonNull(spec).commandLine().getOut();
        findings.print(out);
        out.flush();
        return findings.agree() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static Findings findings(String body) {
        try {
            return JSON.readValue(body, Findings.class);
        } catch (JacksonException e) {
            throw new CommandFailed(
                    "The service's answer makes no sense to this version: " + e.getOriginalMessage(), e);
        }
    }
}
