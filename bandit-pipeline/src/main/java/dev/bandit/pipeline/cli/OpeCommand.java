package dev.bandit.pipeline.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.cli.TrackingOptions.Heading;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.mlflow.RunKey;
import dev.bandit.pipeline.ope.LogEvaluation;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.ope.OpeFiles;
import dev.bandit.pipeline.ope.OpeReport;
import dev.bandit.pipeline.ope.OpeText;
import dev.bandit.pipeline.output.OutputFolder;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.pipes.Pipes.Level;
import dev.bandit.pipeline.pipes.Pipes.Severity;
import dev.bandit.pipeline.policy.TargetPolicy;
import dev.bandit.pipeline.store.Store;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "ope",
        description = {
            "Say what another policy would have earned, from a log of what one did.",
            "The exit status is 3 if the log cannot answer that."
        },
        mixinStandardHelpOptions = true)
final class OpeCommand implements Callable<Integer> {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @ArgGroup(exclusive = false, multiplicity = "1")
    private @Nullable LogOptions log;

    @Mixin
    private final OpeOptions question = new OpeOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Mixin
    private final TrackingOptions tracking = new TrackingOptions();

    @Spec
    private @Nullable CommandSpec spec;

    private final Pipes pipes;

    OpeCommand(Pipes pipes) {
        this.pipes = pipes;
    }

    @Override
    public Integer call() {
        OffPolicySettings settings = question.settings();
        Optional<OutputFolder> folder = output.folder();
        OpeReport report = report(settings);
        output.print(() -> OpeText.of(report), () -> JSON.writeValueAsString(report));
        folder.ifPresent(into -> OpeFiles.write(report, into).forEach(output::written));
        track(report);
        tell(report);
        return report.answered() ? CommandLine.ExitCode.OK : CommandFailed.CANNOT_ANSWER;
    }

    private OpeReport report(OffPolicySettings settings) {
        LogOptions from = Objects.requireNonNull(log);
        try (Store open = from.open(Objects.requireNonNull(spec).commandLine());
                Duck duck = Duck.open(open.scratch())) {
            LoggedRounds rounds = from.rounds(open);
            TargetPolicy target = question.target(from.section(), rounds.arms(), rounds.places());
            return question.report(
                    rounds.name(), target, LogEvaluation.of(duck, rounds, target, settings, question.folds()));
        }
    }

    private void track(OpeReport report) {
        Map<String, String> settings = TrackingOptions.settings(Objects.requireNonNull(spec));
        Map<String, String> tags = Map.of("command", "ope", "log", report.log(), "decision", report.verdict());
        tracking.record(
                new Heading(
                        "ope %s on %s".formatted(report.policy(), report.log()),
                        RunKey.of("ope", settings, report.toString()),
                        settings,
                        tags),
                folder -> OpeFiles.write(report, folder),
                run -> {
                    run.metric("rounds", (double) report.rounds());
                    run.metric("ess", report.ess());
                    run.metric("max_weight", report.maxWeight());
                    run.metric("mean_weight", report.meanWeight());
                    if (report.onPolicyValue() != null) {
                        run.metric("on_policy_value", report.onPolicyValue());
                    }
                    for (OpeReport.Estimated one : report.estimators()) {
                        run.metric(one.name(), one.value());
                        if (one.ciLow() != null && one.ciHigh() != null) {
                            run.metric("ci_low/" + one.name(), one.ciLow());
                            run.metric("ci_high/" + one.name(), one.ciHigh());
                        }
                    }
                });
    }

    private void tell(OpeReport report) {
        pipes.log(Level.INFO, "%s on %s: %s".formatted(report.policy(), report.log(), report.verdict()));
        pipes.checked(
                "enough_overlap",
                report.answered(),
                Severity.WARN,
                Map.of("ess", report.ess(), "mean_weight", report.meanWeight()));
        pipes.materialized(Map.of(
                "rounds",
                report.rounds(),
                "ess",
                report.ess(),
                "verdict",
                report.verdict(),
                "report",
                JSON.<JsonNode>valueToTree(report)));
    }
}
