package dev.bandit.pipeline.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.obd.Behavior;
import dev.bandit.pipeline.obd.Campaign;
import dev.bandit.pipeline.obd.Silver;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
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
    private static final int REPLICATES = 1000;
    private static final int MOST_FOLDS = 64;

    @Option(
            names = "--store",
            paramLabel = "DIR|s3://BUCKET/PREFIX",
            required = true,
            description = "Where ingest put the logs.")
    private @Nullable String store;

    @Option(names = "--behavior", paramLabel = "POLICY", required = true, description = "Whose log: random or bts.")
    private @Nullable Behavior behavior;

    @Option(names = "--campaign", paramLabel = "CAMPAIGN", required = true, description = "all, men or women.")
    private @Nullable Campaign campaign;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            required = true,
            description = {
                "The policy asked about: uniform; posterior:FILE, Thompson sampling with the Beta posteriors of a CSV, JSON or YAML file;"
                        + " top_two:FILE; epsilon_greedy:FILE; table:FILE, probabilities by item and position."
            })
    private @Nullable String policy;

    @Option(
            names = "--epsilon",
            paramLabel = "P",
            defaultValue = "0.1",
            description = "Of epsilon_greedy (default: ${DEFAULT-VALUE}).")
    private double epsilon;

    @Option(
            names = "--clip",
            paramLabel = "W",
            defaultValue = "10",
            description = "Largest weight of clipped_ipw and clipped_dr (default: ${DEFAULT-VALUE}).")
    private double clip;

    @Option(
            names = "--switch",
            paramLabel = "W",
            defaultValue = "10",
            description = "Largest weight that switch_dr trusts (default: ${DEFAULT-VALUE}).")
    private double tau;

    @Option(
            names = "--shrink",
            paramLabel = "LAMBDA",
            defaultValue = "100",
            description = "Of dros: weights above its root count less (default: ${DEFAULT-VALUE}).")
    private double lambda;

    @Option(
            names = "--folds",
            paramLabel = "N",
            defaultValue = "4",
            description = "Of the cross-fitted reward model, 2 to 64 (default: ${DEFAULT-VALUE}).")
    private int folds;

    @Option(
            names = "--interval",
            paramLabel = "KIND",
            defaultValue = "normal",
            description = "normal, bernstein or bootstrap (default: ${DEFAULT-VALUE}); JSON has all.")
    private OpeReport.Kind interval = OpeReport.Kind.NORMAL;

    @Option(
            names = "--level",
            paramLabel = "P",
            defaultValue = "0.95",
            description = "Of the intervals (default: ${DEFAULT-VALUE}).")
    private double level;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of the bootstrap (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine command = Objects.requireNonNull(spec).commandLine();
        OffPolicySettings settings = settings(command);
        Optional<OutputFolder> folder = output.folder();
        OpeReport report = report(settings);
        output.print(() -> OpeText.of(report), () -> JSON.writeValueAsString(report));
        folder.ifPresent(into -> OpeFiles.write(report, into).forEach(output::written));
        return report.answered() ? CommandLine.ExitCode.OK : CommandFailed.CANNOT_ANSWER;
    }

    private OpeReport report(OffPolicySettings settings) {
        try (Store open = Store.open(Objects.requireNonNull(store));
                Duck duck = Duck.open(open.scratch())) {
            LoggedRounds rounds = LoggedRounds.of(
                    Silver.open(open, Objects.requireNonNull(behavior), Objects.requireNonNull(campaign)));
            TargetPolicy target = TargetPolicy.of(
                    Objects.requireNonNull(policy), campaign.toString(), rounds.arms(), rounds.places(), epsilon);
            LogEvaluation.Outcome outcome = LogEvaluation.of(duck, rounds, target, settings, folds);
            return OpeReport.of(rounds.name(), target.name(), outcome, interval, level, REPLICATES, seed);
        }
    }

    private OffPolicySettings settings(CommandLine command) {
        require(command, "--epsilon", epsilon, epsilon >= 0 && epsilon <= 1, "0 to 1");
        require(command, "--level", level, level > 0 && level < 1, "more than 0 and less than 1");
        require(command, "--folds", folds, folds >= 2 && folds <= MOST_FOLDS, "2 to " + MOST_FOLDS);
        require(command, "--clip", clip, clip > 0, "more than 0");
        require(command, "--switch", tau, tau >= 0, "not less than 0");
        require(command, "--shrink", lambda, lambda >= 0, "not less than 0");
        return new OffPolicySettings(clip, tau, lambda, OffPolicySettings.DEFAULT.buckets());
    }

    private static void require(CommandLine command, String option, Object value, boolean holds, String expected) {
        if (!holds) {
            throw new ParameterException(command, "%s is %s, expected %s".formatted(option, value, expected));
        }
    }
}
