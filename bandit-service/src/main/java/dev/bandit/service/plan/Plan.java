package dev.bandit.service.plan;

import dev.bandit.service.experiment.Check;
import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Definition.Stop;
import dev.bandit.service.experiment.DurationText;
import dev.bandit.service.experiment.Label;
import dev.bandit.service.problem.InvalidRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An experiment as it is expected to be; valid by construction.
 *
 * @param arms the control first, 2 to 20, names distinct
 * @param traffic decisions a day, 1 to 10^8
 * @param delay from a decision to its reward, 0 s to 365 d
 * @param refresh how often the posteriors are renewed, 0 s (at once) to 365 d
 * @param lookEvery how often the rule is asked, 1 m to 365 d
 * @param maxDays after which there is no verdict, 1 to 365
 * @param minAllocation floor of every arm's probability, in [0, 1 / arms]
 * @param prior what the posterior of every arm starts from under the bandit, both parameters from 0.01
 * @param rule what ends the bandit
 * @param replications wanted, 50 to 2,000
 * @param seed the same one gives the same numbers
 */
public record Plan(
        List<Arm> arms,
        long traffic,
        Duration delay,
        Duration refresh,
        Duration lookEvery,
        int maxDays,
        double minAllocation,
        Prior prior,
        Guardrails guardrails,
        Stop stop,
        Rule rule,
        int replications,
        long seed) {

    public static final int MAX_ARMS = 20;
    public static final long MAX_TRAFFIC = 100_000_000;
    public static final int MAX_DAYS = 365;
    public static final int MIN_REPLICATIONS = 50;
    public static final int MAX_REPLICATIONS = 2_000;

    /** Below it a look at the posteriors takes up to thirty times as long. */
    private static final double LEAST_PRIOR = 0.01;

    private static final Duration YEAR = Duration.ofDays(365);

    /** An arm and the rate at which it is expected to succeed. */
    public record Arm(String name, double rate) {}

    /** What ends the bandit, but not before the stop's minimum of decisions and time. */
    public enum Rule implements Label {
        /** The stop's prob_best and max_expected_loss. */
        POSTERIOR,
        /** Value remaining below 1 %. */
        VALUE_REMAINING,
        /** Confidence sequences or e-process, at the guardrails' alpha whenever one looks. */
        ANYTIME
    }

    public Plan {
        arms = List.copyOf(arms);
        between("arms", arms.size(), 2, MAX_ARMS, " arms");
        Set<String> names = new HashSet<>();
        for (int k = 0; k < arms.size(); k++) {
            Arm arm = arms.get(k);
            String path = "arms[" + k + "]";
            if (!Check.isName(arm.name())) {
                throw new InvalidRequest(path + ".name", "is " + Check.shown(arm.name()) + ", " + Check.NAME_EXPECTED);
            }
            if (!names.add(arm.name())) {
                throw new InvalidRequest(
                        path + ".name", "is " + Check.shown(arm.name()) + " again, expected a name for each arm");
            }
            if (!(arm.rate() > 0 && arm.rate() < 1)) {
                throw new InvalidRequest(path + ".rate", "is " + arm.rate() + ", expected more than 0 and less than 1");
            }
        }
        between("traffic", traffic, 1, MAX_TRAFFIC, "");
        Check.duration("delay", delay, Duration.ZERO, YEAR);
        Check.duration("refresh", refresh, Duration.ZERO, YEAR);
        Check.duration("look_every", lookEvery, Duration.ofMinutes(1), YEAR);
        between("max_days", maxDays, 1, MAX_DAYS, "");
        if (!(minAllocation >= 0 && minAllocation * arms.size() <= 1)) {
            throw new InvalidRequest(
                    "min_allocation",
                    "is " + minAllocation + ", expected 0 to " + 1.0 / arms.size() + " (1 / " + arms.size() + " arms)");
        }
        notTiny("prior.alpha", prior.alpha());
        notTiny("prior.beta", prior.beta());
        if (!(arms.getFirst().rate() + guardrails.minLift() < 1)) {
            throw new InvalidRequest(
                    "guardrails.min_lift",
                    "is " + guardrails.minLift() + ", expected less than 1 together with the control's rate of "
                            + arms.getFirst().rate());
        }
        if (!(guardrails.power() > guardrails.alpha())) {
            throw new InvalidRequest(
                    "guardrails.power",
                    "is " + guardrails.power() + ", expected more than alpha, " + guardrails.alpha());
        }
        if (stop.minRuntime().compareTo(Duration.ofDays(maxDays)) > 0) {
            throw new InvalidRequest(
                    "stop.min_runtime",
                    "is " + DurationText.format(stop.minRuntime()) + ", expected at most max_days, " + maxDays + "d");
        }
        between("replications", replications, MIN_REPLICATIONS, MAX_REPLICATIONS, "");
    }

    /** How many decisions are made in that time, at least 0. */
    long decisionsIn(Duration time) {
        return Math.round(time.toSeconds() / 86_400.0 * traffic);
    }

    /** In how many days so many decisions are made. */
    double days(long decisions) {
        return decisions / (double) traffic;
    }

    long horizon() {
        return maxDays * traffic;
    }

    double[] rates() {
        return arms.stream().mapToDouble(Arm::rate).toArray();
    }

    private static void notTiny(String field, double value) {
        if (!(value >= LEAST_PRIOR)) {
            throw new InvalidRequest(
                    field, "is " + value + ", expected at least " + LEAST_PRIOR + " where it is to be simulated");
        }
    }

    private static void between(String field, long value, long low, long high, String unit) {
        if (value < low || value > high) {
            throw new InvalidRequest(
                    field, (unit.isEmpty() ? "is " : "has ") + value + unit + ", expected " + low + " to " + high);
        }
    }
}
