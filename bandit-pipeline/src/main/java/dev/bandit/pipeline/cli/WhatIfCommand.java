package dev.bandit.pipeline.cli;

import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.engine.Engine;
import dev.bandit.pipeline.ledger.Ledger;
import dev.bandit.pipeline.ledger.Ledger.Count;
import dev.bandit.pipeline.ledger.Ledger.Experiment;
import dev.bandit.pipeline.ledger.Ledger.Period;
import dev.bandit.pipeline.ope.LedgerEvaluation;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "what-if",
        description = {
            "Say what another policy would have earned in an experiment, from what its service has on record.",
            "The exit status is 3 if the record cannot answer that."
        },
        mixinStandardHelpOptions = true)
final class WhatIfCommand implements Callable<Integer> {

    @Parameters(paramLabel = "EXPERIMENT", description = "Its name.")
    private @Nullable String experiment;

    @Mixin
    private final LedgerOptions ledger = new LedgerOptions();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Decisions from then on: 2026-11-22T15:00:00Z, or a day in UTC (default: all).")
    private @Nullable OffsetDateTime from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Decisions before then (default: all).")
    private @Nullable OffsetDateTime to;

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

    WhatIfCommand(Pipes pipes) {
        this.pipes = pipes;
    }

    @Override
    public Integer call() {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        OffPolicySettings settings = question.settings();
        if (from != null && to != null && !from.isBefore(to)) {
            throw new ParameterException(command, "--from is %s, expected a time before --to, %s".formatted(from, to));
        }
        var folder = output.folder();
        OpeAnswer answer;
        try (Engine workers = engine.open();
                Ledger open = ledger.open()) {
            Experiment known = open.experiment(Objects.requireNonNull(experiment));
            TargetPolicy target = question.target(known.id(), known.arms(), 1);
            var found =
                    LedgerEvaluation.of(workers, open, known, new Period(from, to), target, settings, question.folds());
            leftOut(command, known, found.count());
            answer = new OpeAnswer(
                    question.report(known.id(), target, found.outcome()),
                    Map.of(
                            "unsettled", found.count().unsettled(),
                            "concluded", found.count().concluded(),
                            "without_propensity", found.count().unknown()));
        }
        return answer.tell(command.getCommandSpec(), output, folder, tracking, pipes);
    }

    /** On the side, what the report is not about. */
    private static void leftOut(CommandLine command, Experiment experiment, Count count) {
        boolean explicit = experiment.feedback().equals("explicit");
        tell(command, count.unsettled(), explicit ? "without a reward (feedback: explicit)" : "whose window is open");
        tell(command, count.concluded(), "made after the experiment was concluded");
        tell(command, count.unknown(), "without a propensity on record");
    }

    private static void tell(CommandLine command, long decisions, String which) {
        if (decisions > 0) {
            command.getErr().println(String.format(Locale.ROOT, "Left out: %,d decisions %s.", decisions, which));
            command.getErr().flush();
        }
    }
}
