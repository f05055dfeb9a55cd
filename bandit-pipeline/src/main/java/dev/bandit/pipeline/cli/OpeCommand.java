package dev.bandit.pipeline.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.ope.LogEvaluation;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.ope.OpeFiles;
import dev.bandit.pipeline.ope.OpeReport;
import dev.bandit.pipeline.ope.OpeText;
import dev.bandit.pipeline.output.OutputFolder;
import dev.bandit.pipeline.policy.TargetPolicy;
import dev.bandit.pipeline.store.Store;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Override
    public Integer call() {
        OffPolicySettings settings = question.settings();
        Optional<OutputFolder> folder = output.folder();
        OpeReport report = report(settings);
        output.print(() -> OpeText.of(report), () -> JSON.writeValueAsString(report));
        folder.ifPresent(into -> OpeFiles.write(report, into).forEach(output::written));
        return report.answered() ? CommandLine.ExitCode.OK : CommandFailed.CANNOT_ANSWER;
    }

    private OpeReport report(OffPolicySettings settings) {
        LogOptions from = Objects.requireNonNull(log);
        try (Store open = from.open();
                Duck duck = Duck.open(open.scratch())) {
            LoggedRounds rounds = from.rounds(open);
            TargetPolicy target = question.target(from.campaign(), rounds.arms(), rounds.places());
            return question.report(
                    rounds.name(), target, LogEvaluation.of(duck, rounds, target, settings, question.folds()));
        }
    }
}
