package dev.bandit.pipeline.simulate;

import dev.bandit.core.inference.Moments;
import dev.bandit.core.posterior.BetaPosterior;
import dev.bandit.core.simulation.BernoulliArms;
import dev.bandit.core.simulation.ChangingArms;
import dev.bandit.core.simulation.LaiRobbins;
import dev.bandit.core.simulation.RegretCurve;
import dev.bandit.core.simulation.Schedule;
import dev.bandit.core.simulation.StopRule;
import dev.bandit.core.simulation.Trial;
import dev.bandit.pipeline.policy.PolicyName;
import dev.bandit.pipeline.simulate.SimulationResult.Bound;
import dev.bandit.pipeline.simulate.SimulationResult.Point;
import dev.bandit.pipeline.simulate.SimulationResult.PolicyResult;
import dev.bandit.pipeline.simulate.SimulationResult.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * Several policies side by side in the same world, under the same conditions.
 *
 * @param rates of the arms by name, from 2 to 1,000, each in [0, 1]
 * @param changes other rates of some arms, by the number of decisions after which they hold; the other arms keep theirs
 * @param policies from one on, each once
 * @param epsilon of epsilon_greedy, in [0, 1]; empty: 0.1, and the only choice without that policy
 * @param horizon decisions, from 1 to 1,000 million
 * @param replications from 2 to a million
 * @param delay decisions that are made before the reward of this one is known, from 0 to the horizon
 * @param refresh decisions between renewals of the propensities, from 0 (at once) to the horizon
 * @param minAllocation least probability of every arm, in [0, 1 / arms]; a fixed split does without
 * @param prior what is believed of every arm before the first reward; both parameters from 1e-6 to 1e6, as experiments have it
 * @param seed the same one gives the same numbers
 */
public record Simulation(
        SequencedMap<String, Double> rates,
        NavigableMap<Long, Map<String, Double>> changes,
        List<PolicyName> policies,
        OptionalDouble epsilon,
        long horizon,
        int replications,
        long delay,
        long refresh,
        double minAllocation,
        BetaPosterior prior,
        long seed) {

    private static final int MOST_ARMS = 1_000;
    private static final long LONGEST_HORIZON = 1_000_000_000;
    private static final int MOST_REPLICATIONS = 1_000_000;
    private static final double LEAST_PRIOR = 1e-6;
    private static final double MOST_PRIOR = 1e6;
    private static final double EPSILON = 0.1;
    private static final double LEVEL = 0.95;
    private static final int POINTS_PER_DECADE = 20;
    private static final int EVEN_POINTS = 100;

    /**
     * @throws IllegalArgumentException with a sentence for the user, if a value is out of its range
     */
    public Simulation {
        if (rates.size() < 2 || rates.size() > MOST_ARMS) {
            throw new IllegalArgumentException(
                    "There must be from 2 to %,d arms, but there are %,d".formatted(MOST_ARMS, rates.size()));
        }
        requireBetween("The horizon", horizon, 1, LONGEST_HORIZON);
        requireBetween("The number of replications", replications, 2, MOST_REPLICATIONS);
        requireBetween("The delay", delay, 0, horizon);
        requireBetween("The refresh", refresh, 0, horizon);
        rates.forEach(Simulation::requireRate);
        changes.forEach((at, changed) -> {
            if (at < 1 || at >= horizon) {
                throw new IllegalArgumentException(
                        "A change must come after at least 1 and before %d decisions, but is at %d"
                                .formatted(horizon, at));
            }
            changed.forEach((arm, rate) -> {
                if (!rates.containsKey(arm)) {
                    throw new IllegalArgumentException(
                            "The change after %d decisions is of '%s', which is no arm".formatted(at, arm));
                }
                requireRate(arm, rate);
            });
        });
        if (!(isPrior(prior.alpha()) && isPrior(prior.beta()))) {
            throw new IllegalArgumentException(
                    "Both numbers of the prior must be from 0.000001 to 1000000, but are %s and %s"
                            .formatted(prior.alpha(), prior.beta()));
        }
        Set<PolicyName> seen = new HashSet<>();
        for (PolicyName policy : policies) {
            if (!seen.add(policy)) {
                throw new IllegalArgumentException("The policy %s is named twice".formatted(policy));
            }
        }
        if (seen.isEmpty()) {
            throw new IllegalArgumentException("There must be a policy");
        }
        if (epsilon.isPresent()) {
            double value = epsilon.getAsDouble();
            if (!seen.contains(PolicyName.epsilon_greedy)) {
                throw new IllegalArgumentException(
                        "Only epsilon_greedy has an epsilon, and it is not among the policies");
            }
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("Epsilon must be from 0 to 1, but is " + value);
            }
        }
        if (!(minAllocation >= 0 && minAllocation * rates.size() <= 1)) {
            throw new IllegalArgumentException(
                    "The least allocation must be from 0 to 1 / %d, but is %s".formatted(rates.size(), minAllocation));
        }
    }

    private static void requireBetween(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s must be from %d to %d, but is %d".formatted(what, least, most, value));
        }
    }

    private static boolean isPrior(double parameter) {
        return parameter >= LEAST_PRIOR && parameter <= MOST_PRIOR;
    }

    private static void requireRate(String arm, double rate) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("The rate of '%s' must be from 0 to 1, but is %s".formatted(arm, rate));
        }
    }

    /** Plays it on all processors; the result does not depend on how many there are. */
    public SimulationResult run() {
        long[] decisions = moments();
        ChangingArms arms = arms();
        Schedule schedule = Schedule.of(horizon, horizon, refresh, delay);
        List<PolicyResult> results = new ArrayList<>();
        for (PolicyName name : policies) {
            Trial trial = new Trial(
                    arms, prior, name.policy(epsilon.orElse(EPSILON)), minAllocation, StopRule.never(), schedule);
            results.add(result(name, trial.regret(replications, seed, true, decisions)));
        }
        return new SimulationResult(this, bound(arms), results);
    }

    private ChangingArms arms() {
        SequencedMap<String, Double> now = new LinkedHashMap<>(rates);
        ChangingArms arms = ChangingArms.of(truth(now));
        for (Map.Entry<Long, Map<String, Double>> change : changes.entrySet()) {
            now.putAll(change.getValue());
            arms = arms.then(change.getKey(), truth(now));
        }
        return arms;
    }

    private static BernoulliArms truth(SequencedMap<String, Double> rates) {
        return BernoulliArms.of(
                rates.values().stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** Evenly on either scale, and where rates change. */
    private long[] moments() {
        TreeSet<Long> moments = new TreeSet<>(changes.keySet());
        for (int i = 0; i < POINTS_PER_DECADE * Math.log10((double) horizon); i++) {
            moments.add(Math.round(Math.pow(10, i / (double) POINTS_PER_DECADE)));
        }
        for (int i = 1; i <= EVEN_POINTS; i++) {
            moments.add(Math.ceilDiv(horizon * i, EVEN_POINTS));
        }
        return moments.stream().mapToLong(Long::longValue).toArray();
    }

    private Optional<Bound> bound(ChangingArms arms) {
        return arms.change() ? Optional.empty() : Optional.of(new Bound(LaiRobbins.constant(arms.after(0)), horizon));
    }

    private PolicyResult result(PolicyName name, RegretCurve curve) {
        List<Point> points = new ArrayList<>();
        for (int i = 0; i < curve.decisions().length; i++) {
            points.add(new Point(curve.decisions()[i], value(curve.regret().get(i))));
        }
        OptionalDouble own =
                name == PolicyName.epsilon_greedy ? OptionalDouble.of(epsilon.orElse(EPSILON)) : OptionalDouble.empty();
        return new PolicyResult(name, own, value(curve.last()), value(curve.bestShare()), points);
    }

    /** There are two replications or more, so that nothing is undefined. */
    private static Value value(Moments moments) {
        return new Value(
                moments.mean(),
                moments.standardError().orElseThrow(),
                moments.meanInterval(LEVEL).orElseThrow());
    }
}
