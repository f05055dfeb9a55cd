package dev.bandit.service.plan;

import dev.bandit.service.experiment.DurationText;
import dev.bandit.service.plan.Forecast.Design;
import dev.bandit.service.plan.Forecast.FixedSample;
import dev.bandit.service.plan.Forecast.Recommendation;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which design to take. A bandit has to earn its place: it costs a fixed sample's plain error rates, so that it must reach a verdict,
 * save successes worth having, and not err much more often.
 */
final class Advice {

    /** Shares of runs without a verdict beyond which a design does not work. */
    private static final double MOST_UNDECIDED = 0.5;

    /** The bandit must save this share of what the fixed split loses, and this share of all successes. */
    private static final double LEAST_SAVED = 0.1;

    private static final double LEAST_SAVED_OF_ALL = 0.001;

    /** How much more often than the fixed split the bandit may name a worse arm. */
    private static final double MORE_ERRORS = 0.05;

    /** The same alone, where the fixed split has no verdict to compare with. */
    private static final double MOST_ERRORS = 0.1;

    /** Rewards that take this share of the time to a verdict are late, and too late for a bandit. */
    private static final double LATE = 0.25;

    private static final double TOO_LATE = 0.5;

    private final Plan plan;
    private final Design bandit;
    private final Design fixed;
    private final @Nullable FixedSample sample;

    private Advice(Plan plan, Design bandit, Design fixed, @Nullable FixedSample sample) {
        this.plan = plan;
        this.bandit = bandit;
        this.fixed = fixed;
        this.sample = sample;
    }

    static Recommendation of(Plan plan, Design bandit, Design fixed, @Nullable FixedSample sample) {
        return new Advice(plan, bandit, fixed, sample).recommendation();
    }

    private Recommendation recommendation() {
        double[] rates = plan.rates();
        double best = Arrays.stream(rates).max().orElseThrow();
        boolean equal = Arrays.stream(rates).allMatch(rate -> rate == best);
        boolean banditEnds = bandit.noVerdict() <= MOST_UNDECIDED;
        boolean fixedEnds = fixed.noVerdict() <= MOST_UNDECIDED;
        double saved = fixed.lostSuccesses() - bandit.lostSuccesses();
        double margin = Math.hypot(fixed.lostSuccessesMargin(), bandit.lostSuccessesMargin());
        if (equal) {
            return fixedEnds ? fixed(equalArms()) : neither();
        }
        if (!banditEnds && !fixedEnds) {
            return neither();
        }
        if (!banditEnds) {
            return fixed(
                    "Within %d days a bandit comes to no verdict in %s of runs; the fixed split has one after %s days.%s"
                            .formatted(
                                    plan.maxDays(),
                                    Numbers.percent(bandit.noVerdict()),
                                    median(fixed),
                                    plan.minAllocation() > 0
                                            ? ""
                                            : " A min_allocation above 0 would give weak arms more of the decisions that a verdict needs."));
        }
        if (!fixedEnds && bandit.errorRate() > MOST_ERRORS) {
            return new Recommendation(
                    "neither",
                    "The fixed split has no verdict within %d days, and a bandit under this rule names a worse arm in %s of runs: there is too little data for the difference you expect. Get more traffic, allow more days, or ask more of the rule."
                            .formatted(plan.maxDays(), Numbers.percent(bandit.errorRate())));
        }
        boolean worthIt = saved > margin
                && saved >= LEAST_SAVED * fixed.lostSuccesses()
                && saved >= LEAST_SAVED_OF_ALL * best * plan.horizon();
        if (fixedEnds && lag() >= TOO_LATE * end(bandit)) {
            return fixed(tooLate());
        }
        if (fixedEnds && !worthIt) {
            return fixed(littleToSave(saved, margin));
        }
        if (fixedEnds && bandit.errorRate() > fixed.errorRate() + MORE_ERRORS) {
            return fixed(
                    "A bandit would save about %s successes but name a worse arm in %s of runs, the fixed split in %s."
                            .formatted(
                                    Numbers.count(saved),
                                    Numbers.percent(bandit.errorRate()),
                                    Numbers.percent(fixed.errorRate())));
        }
        return new Recommendation("bandit", whyBandit(fixedEnds, saved) + caution());
    }

    private static Recommendation fixed(String reason) {
        return new Recommendation("fixed_split", reason);
    }

    private Recommendation neither() {
        String planned = sample == null
                ? ""
                : " The fixed sample for a lift from %s to %s takes %s days."
                        .formatted(
                                Numbers.rate(plan.arms().getFirst().rate()),
                                Numbers.rate(sample.rate()),
                                Numbers.days(sample.days()));
        return new Recommendation(
                "neither",
                "%s a day are too few: within %d days neither design comes to a verdict in most runs.%s Get more traffic, allow more days, or test a change with a larger effect."
                        .formatted(Numbers.decisions(plan.traffic()), plan.maxDays(), planned));
    }

    private String equalArms() {
        String none = "Arms that do not differ leave nothing to save, whoever gets the traffic.";
        return bandit.shipsIfEqual() > fixed.shipsIfEqual()
                ? none
                        + " A fixed split ships a treatment that is no better in %s of runs, a bandit under this rule in %s."
                                .formatted(
                                        Numbers.percent(fixed.shipsIfEqual()), Numbers.percent(bandit.shipsIfEqual()))
                : none + " A fixed split is simpler to run and to read.";
    }

    private String littleToSave(double saved, double margin) {
        String late = lag() < LATE * end(fixed)
                ? ""
                : "Rewards come late for an experiment of %s days: a bandit learns too slowly to move much traffic. "
                        .formatted(Numbers.days(end(fixed)));
        String amount;
        if (Math.abs(saved) <= margin) {
            amount = "A bandit and a fixed split lose about the same (%s and %s successes in %d days)";
        } else if (saved < 0) {
            amount = "A bandit loses more than a fixed split (%s and %s successes in %d days)";
        } else {
            amount = "A bandit saves little against a fixed split (they lose %s and %s successes in %d days)";
        }
        return late
                + amount.formatted(
                        Numbers.count(bandit.lostSuccesses()), Numbers.count(fixed.lostSuccesses()), plan.maxDays())
                + ", and a fixed split is simpler to run and to read.";
    }

    private String tooLate() {
        String when = plan.refresh().isZero()
                ? DurationText.format(plan.delay()) + " after the decision"
                : "in batches every %s, %s after the decision"
                        .formatted(DurationText.format(plan.refresh()), DurationText.format(plan.delay()));
        return "Rewards come %s, and the experiment takes %s days: most of it is over before a bandit can move any traffic, so that it would be a fixed split without a fixed error rate (it would name a worse arm in %s of runs and ship a treatment in %s when all arms are equal; the fixed split in %s and %s)."
                .formatted(
                        when,
                        Numbers.days(end(bandit)),
                        Numbers.percent(bandit.errorRate()),
                        Numbers.percent(bandit.shipsIfEqual()),
                        Numbers.percent(fixed.errorRate()),
                        Numbers.percent(fixed.shipsIfEqual()));
    }

    /** Days until a decision's reward can count. */
    private double lag() {
        return plan.delay().plus(plan.refresh()).toSeconds() / 86_400.0;
    }

    private double end(Design design) {
        return Objects.requireNonNullElse(design.medianDays(), (double) plan.maxDays());
    }

    private String whyBandit(boolean fixedEnds, double saved) {
        if (!fixedEnds) {
            return "The fixed split has no verdict within %d days in %s of runs; a bandit has one after a median of %s days and names a worse arm in %s."
                    .formatted(
                            plan.maxDays(),
                            Numbers.percent(fixed.noVerdict()),
                            median(bandit),
                            Numbers.percent(bandit.errorRate()));
        }
        return "In %d days a bandit loses about %s successes and a fixed split %s (%s fewer); the verdict comes after a median of %s days, with a fixed split after %s."
                .formatted(
                        plan.maxDays(),
                        Numbers.count(bandit.lostSuccesses()),
                        Numbers.count(fixed.lostSuccesses()),
                        Numbers.percent(saved / fixed.lostSuccesses()),
                        median(bandit),
                        median(fixed));
    }

    private String caution() {
        if (bandit.shipsIfEqual() <= plan.guardrails().alpha() + MORE_ERRORS) {
            return "";
        }
        return " But if no arm were better, it would still ship a treatment in %s of runs (fixed split: %s)%s"
                .formatted(
                        Numbers.percent(bandit.shipsIfEqual()),
                        Numbers.percent(fixed.shipsIfEqual()),
                        plan.rule() == Plan.Rule.ANYTIME
                                ? "."
                                : "; where a false winner is costly, take the rule anytime.");
    }

    private static String median(Design design) {
        return design.medianDays() == null ? "too many" : Numbers.days(design.medianDays());
    }
}
