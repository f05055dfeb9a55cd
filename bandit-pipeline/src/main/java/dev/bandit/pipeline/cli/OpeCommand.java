package dev.bandit.pipeline.cli;

import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.ope.LogEvaluation;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.ope.OpeReport;
import dev.bandit.pipeline.output.OutputFolder;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.policy.TargetPolicy;
import dev.bandit.pipeline.store.Store;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "ope",
        description = {
            "Say what another policy would have earned, from a log of what one did.",
            "The exit status is 3 if the log cannot answer that."
        },
        mixinStandardHelpOptions = true)
final class OpeCommand implements Callable<Integer> {

    @ArgGroup(exclusive = false, multiplicity = "1")
    private @Nullable LogOptions log;

    @Mixin
    private final OpeOptions question = new OpeOptions();

    @Mixin
    private final EngineOptions engine = new EngineOptions();

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
        return new OpeAnswer(report(settings), Map.of())
                .tell(Objects.requireNonNull(spec), output, folder, tracking, pipes);
    }

    private OpeReport report(OffPolicySettings settings) {
        LogOptions from = Objects.requireNonNull(log);
        try (Engine workers = engine.open();
                Store open = from.open(Objects.requireNonNull(spec).commandLine())) {
            LoggedRounds rounds = from.rounds(open);
            TargetPolicy target = question.target(from.section(), rounds.arms(), rounds.places());
            return question.report(
                    rounds.name(), target, LogEvaluation.of(workers, rounds, target, settings, question.folds()));
        }
    }
}
