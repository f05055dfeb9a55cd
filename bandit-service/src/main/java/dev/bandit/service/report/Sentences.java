package dev.bandit.service.report;

import dev.bandit.core.inference.Interval;
import dev.bandit.core.inference.Verdict;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.Experiment.Status;
import dev.bandit.service.report.Report.Comparison;
import dev.bandit.service.report.Report.Health;
import dev.bandit.service.report.ReportService.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a report says in words. */
final class Sentences {

    /** More of the traffic so far than that is not foretold. */
    private static final double MOST_TIMES = 10_000;

    private final Experiment experiment;
    private final ReportBuilder numbers;
    private final Comparison leading;
    private final Standing standing;
    private final Health health;
    private final TrafficRate traffic;

    Sentences(
            Experiment experiment,
            ReportBuilder numbers,
            Comparison leading,
            Standing standing,
            Health health,
            TrafficRate traffic) {
        this.experiment = experiment;
        this.numbers = numbers;
        this.leading = leading;
        this.standing = standing;
        this.health = health;
        this.traffic = traffic;
    }

    List<String> summary(Verdict verdict) {
        List<String> sentences = new ArrayList<>();
        String control = numbers.name(numbers.control());
        if (experiment.status() == Status.CONCLUDED) {
            sentences.add("The experiment is concluded: everybody gets " + experiment.winner() + ".");
        } else if (experiment.status() == Status.PAUSED) {
            sentences.add("The experiment is paused: nobody gets a decision.");
        }
        List<String> paused = IntStream.range(0, numbers.arms())
                .filter(numbers::paused)
                .mapToObj(numbers::name)
                .toList();
        if (!paused.isEmpty()) {
            sentences.add("Nobody gets " + String.join(", ", paused) + " for now.");
        }
        Double lift = leading.lift();
        if (lift == null) {
            sentences.add("There is nothing to compare yet.");
        } else if (lift > 0) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%s leads %s by %s, and is better with probability %s by the posteriors.",
                    leading.armId(),
                    control,
                    points(lift),
                    percent(leading.probBetter())));
        } else {
            sentences.add("No treatment does better than " + control + "; " + leading.armId() + " comes closest.");
        }
        if (verdict == Verdict.UNDERPOWERED) {
            sentences.add(untilVerdict());
        }
        if (numbers.adaptive()) {
            sentences.add(
                    "Arms were chosen adaptively, so the fixed-sample z test does not hold; the verdict goes by an interval that"
                            + " may be looked at any time.");
        }
        return sentences;
    }

    private String untilVerdict() {
        double times = timesNeeded();
        if (!(times < MOST_TIMES)) {
            return "At these rates no amount of traffic gives a verdict soon: the difference is too close to the line.";
        }
        OptionalDouble perDay = traffic.perDay(experiment);
        double decisions = 0;
        for (int i = 0; i < numbers.arms(); i++) {
            var arm = numbers.totals(i);
            decisions += arm == null ? 0 : arm.decisions();
        }
        if (perDay.isEmpty()) {
            return String.format(
                    Locale.ROOT,
                    "A verdict needs about %.1f times the events there are, if rates stay as they are.",
                    times);
        }
        return "About " + duration((times - 1) * decisions / perDay.getAsDouble())
                + " to a verdict at this traffic, if rates stay as they are.";
    }

    /** How many times the trials there are it takes. */
    private double timesNeeded() {
        if (!numbers.adaptive()) {
            Long required = standing.power().requiredPerArm();
            long least = Math.min(standing.trials(numbers.control()), standing.trials(numbers.leader()));
            return required == null || least == 0 ? Double.POSITIVE_INFINITY : (double) required / least;
        }
        double low = 1;
        double high = 2;
        while (high < 2 * MOST_TIMES && !standing.decides(standing.anytime(high))) {
            low = high;
            high *= 2;
        }
        if (high >= 2 * MOST_TIMES) {
            return Double.POSITIVE_INFINITY;
        }
        while (high / low > 1.01) {
            double middle = Math.sqrt(low * high);
            if (standing.decides(standing.anytime(middle))) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    List<String> reasons(Verdict verdict) {
        return switch (verdict) {
            case INCOMPLETE -> incomplete();
            case UNHEALTHY ->
                List.of("Arms were chosen more or less often than the probabilities on record say (p = "
                        + number(
                                health.sampleRatio() == null
                                        ? null
                                        : health.sampleRatio().p())
                        + "): something drops or doubles events. Find that first.");
            case LATENCY_REGRESSION ->
                List.of(leading.armId() + " is "
                        + percent(
                                leading.latency() == null
                                        ? 0
                                        : leading.latency().regression())
                        + " slower than the control on average, more than the "
                        + percent(standing.guardrails().maxLatencyRegression()) + " that are tolerated.");
            case UNDERPOWERED, SHIP, DO_NOT_SHIP -> List.of(lift(), evidence());
        };
    }

    private List<String> incomplete() {
        List<String> reasons = new ArrayList<>();
        List<String> empty = new ArrayList<>();
        for (int i = 0; i < numbers.arms(); i++) {
            if (numbers.rate(i).trials() == 0 && !numbers.paused(i)) {
                empty.add(numbers.name(i));
            }
        }
        if (!empty.isEmpty()) {
            String shown = String.join(", ", empty.subList(0, Math.min(5, empty.size())));
            reasons.add("There are no outcomes of " + shown + (empty.size() > 5 ? " and others" : "") + " yet.");
        }
        if (health.completeness() != null && reasons.isEmpty()) {
            reasons.add("Only " + percent(health.completeness()) + " of the impressions have an observation.");
        }
        return reasons;
    }

    private String lift() {
        return leading.lift() == null
                ? "There is no lift to speak of."
                : "The lift of " + leading.armId() + " is " + points(leading.lift()) + ", "
                        + (standing.enough() ? "at least the " : "less than the ")
                        + points(standing.guardrails().minLift()) + " that are worth shipping.";
    }

    private String evidence() {
        if (numbers.adaptive()) {
            Interval difference = standing.anytime(1);
            String range = "At any time the difference lies between " + points(difference.lower()) + " and "
                    + points(difference.upper()) + ", with "
                    + percent(1 - standing.guardrails().alpha())
                    + " confidence: ";
            if (difference.lower() > 0) {
                return range + "it is above 0.";
            }
            return range
                    + (difference.upper() < standing.guardrails().minLift()
                            ? "a lift worth shipping is excluded."
                            : "neither no difference nor a lift worth shipping is excluded.");
        }
        if (!standing.decided()) {
            Long required = standing.power().requiredPerArm();
            return required == null
                    ? "The sample that is needed cannot be computed at this rate."
                    : String.format(
                            Locale.ROOT,
                            "Each arm needs %,d trials; %s has %,d and %s %,d.",
                            required,
                            numbers.name(numbers.control()),
                            standing.trials(numbers.control()),
                            leading.armId(),
                            standing.trials(numbers.leader()));
        }
        return "One-sided z test, adjusted for " + (numbers.arms() - 1) + " comparison"
                + (numbers.arms() == 2 ? "" : "s")
                + ": p = " + number(leading.fixedSampleTest().pAdjusted()) + ", "
                + (standing.better() ? "below " : "not below ")
                + standing.guardrails().alpha() + ".";
    }

    static String points(double difference) {
        return String.format(Locale.ROOT, "%.2f points", difference * 100);
    }

    static String percent(double share) {
        String text = String.format(Locale.ROOT, "%.1f", share * 100);
        return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + " %";
    }

    static String number(@Nullable Double value) {
        if (value == null) {
            return "unknown";
        }
        return value != 0 && Math.abs(value) < 0.001
                ? String.format(Locale.ROOT, "%.1e", value)
                : String.format(Locale.ROOT, "%.3f", value);
    }

    private static String duration(double days) {
        if (days < 1.0 / 24) {
            return "an hour";
        }
        if (days < 2) {
            return String.format(Locale.ROOT, "%.0f hours", Math.max(1, days * 24));
        }
        return days > 3_650 ? "more than ten years" : String.format(Locale.ROOT, "%.0f days", days);
    }
}
