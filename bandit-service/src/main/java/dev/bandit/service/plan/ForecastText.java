package dev.bandit.service.plan;

import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.DurationText;
import dev.bandit.service.plan.Forecast.Design;
import dev.bandit.service.plan.Forecast.FixedSample;
import dev.bandit.service.report.Stopping;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A forecast for people: what was assumed, a table, what to do. */
public final class ForecastText {

    private ForecastText() {}

    public static String of(Plan plan, Forecast forecast) {
        var text = new StringBuilder();
        text.append(assumed(plan)).append("\n\n");
        text.append(table(plan, forecast)).append('\n');
        text.append(sample(plan, forecast.fixedSample())).append('\n');
        text.append("%,d simulated runs of each, seed %d.%n".formatted(forecast.replications(), forecast.seed()));
        forecast.notes().forEach(note -> text.append(note).append('\n'));
        text.append("%nRecommendation: %s%n%s"
                .formatted(title(forecast), forecast.recommendation().reason()));
        return text.toString();
    }

    private static String title(Forecast forecast) {
        return switch (forecast.recommendation().design()) {
            case "bandit" -> "use a bandit.";
            case "fixed_split" -> "do not use a bandit, use a fixed split.";
            default -> "neither, as it stands.";
        };
    }

    private static String assumed(Plan plan) {
        String arms = plan.arms().stream()
                .map(arm -> arm.name() + " " + Numbers.rate(arm.rate()))
                .collect(Collectors.joining(", "));
        return """
                Expected      %s (the first is the control); %s a day, at most %d days%s%s
                Bandit        Thompson sampling%s%s, until %s; at least %,d decisions an arm and %s; looked at every %s
                Fixed split   equal shares, one test against the control (one-sided, alpha %s%s)""".formatted(
                arms,
                Numbers.decisions(plan.traffic()),
                plan.maxDays(),
                plan.delay().isZero() ? "" : ", rewards after " + DurationText.format(plan.delay()),
                plan.refresh().isZero() ? "" : ", in batches every " + DurationText.format(plan.refresh()),
                plan.prior().equals(Prior.UNIFORM)
                        ? ""
                        : " from Beta(%s, %s)"
                                .formatted(plan.prior().alpha(), plan.prior().beta()),
                plan.minAllocation() == 0 ? "" : ", every arm at least " + Numbers.rate(plan.minAllocation()),
                rule(plan),
                plan.stop().minDecisionsPerArm(),
                DurationText.format(plan.stop().minRuntime()),
                DurationText.format(plan.lookEvery()),
                plan.guardrails().alpha(),
                plan.arms().size() == 2 ? "" : ", shared among " + (plan.arms().size() - 1) + " treatments");
    }

    private static String rule(Plan plan) {
        return switch (plan.rule()) {
            case POSTERIOR ->
                "P(best) is %s and expected loss below %s%s"
                        .formatted(
                                plan.stop().probBest(),
                                plan.stop().maxExpectedLoss(),
                                Stopping.rule(plan.stop()).maxValueRemaining() == 0
                                        ? ""
                                        : ", and less than %s left to gain"
                                                .formatted(plan.stop().maxValueRemaining()));
            case VALUE_REMAINING -> "less than 1 % is left to gain";
            case ANYTIME ->
                "anytime-valid evidence at alpha %s".formatted(plan.guardrails().alpha());
        };
    }

    private static String table(Plan plan, Forecast forecast) {
        Design bandit = forecast.bandit();
        Design fixed = forecast.fixedSplit();
        int days = plan.maxDays();
        List<List<String>> rows = List.of(
                List.of("", "BANDIT", "FIXED SPLIT"),
                List.of(
                        "Days to a verdict, median",
                        daysOf(bandit.medianDays(), days),
                        daysOf(fixed.medianDays(), days)),
                List.of(
                        "Days to a verdict, 90 % of runs",
                        daysOf(bandit.p90Days(), days), daysOf(fixed.p90Days(), days)),
                List.of(
                        "No verdict within %d days".formatted(days),
                        Numbers.percent(bandit.noVerdict()),
                        Numbers.percent(fixed.noVerdict())),
                List.of("Names a worse arm than the best", worse(plan, bandit), worse(plan, fixed)),
                List.of(
                        "Ships a treatment if all arms are equal",
                        Numbers.percent(bandit.shipsIfEqual()),
                        Numbers.percent(fixed.shipsIfEqual())),
                List.of(
                        "Successes lost before the verdict",
                        Numbers.count(bandit.lostBeforeVerdict()),
                        Numbers.count(fixed.lostBeforeVerdict())),
                List.of("Successes lost in %d days *".formatted(days), lost(bandit), lost(fixed)));
        var text = new StringBuilder();
        for (var row : rows) {
            text.append("%-40s %18s %18s%n".formatted(row.get(0), row.get(1), row.get(2)));
        }
        return text.append("* against always the best arm; after the verdict everyone gets the arm it names\n")
                .toString();
    }

    private static String worse(Plan plan, Design design) {
        double first = plan.arms().getFirst().rate();
        return plan.arms().stream().allMatch(arm -> arm.rate() == first) ? "-" : Numbers.percent(design.errorRate());
    }

    private static String daysOf(@Nullable Double days, int most) {
        return days == null ? "more than " + most : Numbers.days(days);
    }

    private static String lost(Design design) {
        String margin = design.lostSuccessesMargin() < 0.05 ? "" : " +- " + Numbers.count(design.lostSuccessesMargin());
        return Numbers.count(design.lostSuccesses()) + margin;
    }

    private static String sample(Plan plan, @Nullable FixedSample sample) {
        if (sample == null) {
            return "Fixed sample: none is large enough for a min_lift of 0.";
        }
        return "Fixed sample: %,d an arm, %,d in all, %s days, to find a lift from %s to %s with power %s."
                .formatted(
                        sample.perArm(),
                        sample.total(),
                        Numbers.days(sample.days()),
                        Numbers.rate(plan.arms().getFirst().rate()),
                        Numbers.rate(sample.rate()),
                        plan.guardrails().power());
    }
}
