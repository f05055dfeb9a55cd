package dev.bandit.pipeline.cli;

import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.ope.OpeOutcome;
import dev.bandit.pipeline.ope.OpeReport;
import dev.bandit.pipeline.policy.TargetPolicy;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which policy is asked about, and how its estimates are made. */
final class OpeOptions {

    private static final int REPLICATES = 1000;
    private static final int MOST_FOLDS = 64;

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

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /**
     * What the estimators are told.
     *
     * @throws picocli.CommandLine.ParameterException if an option is out of its range
     */
    OffPolicySettings settings() {
        Ranges ranges = new Ranges(Objects.requireNonNull(command).commandLine());
        ranges.require("--epsilon", epsilon, epsilon >= 0 && epsilon <= 1, "0 to 1");
        ranges.require("--level", level, level > 0 && level < 1, "more than 0 and less than 1");
        ranges.require("--folds", folds, folds >= 2 && folds <= MOST_FOLDS, "2 to " + MOST_FOLDS);
        ranges.require("--clip", clip, clip > 0, "more than 0");
        ranges.require("--switch", tau, tau >= 0, "not less than 0");
        ranges.require("--shrink", lambda, lambda >= 0, "not less than 0");
        return new OffPolicySettings(clip, tau, lambda, OffPolicySettings.DEFAULT.buckets());
    }

    int folds() {
        return folds;
    }

    /** See {@link TargetPolicy#of}. */
    TargetPolicy target(String section, List<String> arms, int places) {
        return TargetPolicy.of(Objects.requireNonNull(policy), section, arms, places, epsilon);
    }

    OpeReport report(String log, TargetPolicy target, OpeOutcome outcome) {
        return OpeReport.of(log, target.name(), outcome, interval, level, REPLICATES, seed);
    }
}
