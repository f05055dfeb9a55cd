package dev.bandit.pipeline.cli;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.cli.TrackingOptions.Heading;
import dev.bandit.pipeline.mlflow.Run;
import dev.bandit.pipeline.mlflow.RunKey;
import dev.bandit.pipeline.ope.OpeFiles;
import dev.bandit.pipeline.ope.OpeReport;
import dev.bandit.pipeline.ope.OpeText;
import dev.bandit.pipeline.output.OutputFolder;
import dev.bandit.pipeline.pipes.Pipes;
import dev.bandit.pipeline.pipes.Pipes.Level;
import dev.bandit.pipeline.pipes.Pipes.Severity;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a log or a ledger says about a policy, as it is told to everybody who wants to know: printed, written, logged and reported.
 *
 * @param counts how many decisions were left out, by why; nothing for a log, all of whose rounds count
 */
record OpeAnswer(OpeReport report, Map<String, Long> counts) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * Tells all of them.
     *
     * @param folder for the files, if they are wanted
     * @return the exit status
     */
    int tell(
            CommandSpec command,
            OutputOptions output,
            Optional<OutputFolder> folder,
            TrackingOptions tracking,
            Pipes pipes) {
        output.print(() -> OpeText.of(report), () -> JSON.writeValueAsString(report));
        folder.ifPresent(into -> OpeFiles.write(report, into).forEach(output::written));
        track(command, tracking);
        tell(pipes);
        return report.answered() ? CommandLine.ExitCode.OK : CommandFailed.CANNOT_ANSWER;
    }

    private void track(CommandSpec command, TrackingOptions tracking) {
        Map<String, String> settings = TrackingOptions.settings(command);
        settings.put(
                "alpha",
                BigDecimal.ONE.subtract(BigDecimal.valueOf(report.level())).toString());
        settings.put("test_type", report.interval());
        Map<String, String> tags = Map.of(
                "command",
                command.name(),
                "experiment_id",
                report.log(),
                "log",
                report.log(),
                "decision",
                report.verdict());
        tracking.record(
                new Heading(
                        "%s %s on %s".formatted(command.name(), report.policy(), report.log()),
                        RunKey.of(command.name(), settings, report + new TreeMap<>(counts).toString()),
                        settings,
                        tags),
                into -> OpeFiles.write(report, into),
                this::log);
    }

    private void log(Run run) {
        run.metric("rounds", (double) report.rounds());
        counts.forEach((why, decisions) -> run.metric(why, (double) decisions));
        run.metric("ess", report.ess());
        run.metric("max_weight", report.maxWeight());
        run.metric("mean_weight", report.meanWeight());
        if (report.onPolicyValue() != null) {
            run.metric("on_policy_value", report.onPolicyValue());
        }
        for (OpeReport.Estimated one : report.estimators()) {
            run.metric(one.name(), one.value());
            if (report.onPolicyValue() != null) {
                run.metric("lift/" + one.name(), one.value() - report.onPolicyValue());
            }
            if (one.ciLow() != null && one.ciHigh() != null) {
                run.metric("ci_low/" + one.name(), one.ciLow());
                run.metric("ci_high/" + one.name(), one.ciHigh());
            }
        }
    }

    private void tell(Pipes pipes) {
        pipes.log(Level.INFO, "%s on %s: %s".formatted(report.policy(), report.log(), report.verdict()));
        pipes.checked(
                "enough_overlap",
                report.answered(),
                Severity.WARN,
                Map.of("ess", report.ess(), "mean_weight", report.meanWeight()));
        Map<String, Object> made = new HashMap<>(counts);
        made.put("experiment_id", report.log());
        made.put("rounds", report.rounds());
        made.put("ess", report.ess());
        made.put("verdict", report.verdict());
        made.put("report", JSON.<JsonNode>valueToTree(report));
        pipes.materialized(made);
    }
}
