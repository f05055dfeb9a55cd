package dev.bandit.pipeline.simulate;

import dev.bandit.core.inference.Interval;
import dev.bandit.pipeline.policy.PolicyName;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a simulation came to. Regret is in successes.
 *
 * @param simulation what was played
 * @param laiRobbins the bound, if rates do not change
 * @param policies in the order in which they were named
 */
public record SimulationResult(Simulation simulation, Optional<Bound> laiRobbins, List<PolicyResult> policies) {

    /**
     * C ln T.
     *
     * @param constant C, in successes for each unit of ln T
     * @param horizon T
     */
    public record Bound(double constant, long horizon) {

        /** What it is after so many decisions, at least 1. */
        public double after(long decisions) {
            return constant * Math.log((double) decisions);
        }

        /** What it is at the horizon. */
        public double atHorizon() {
            return after(horizon);
        }
    }

    /**
     * A mean over the replications.
     *
     * @param interval where it lies with 95 % confidence, by Student's t
     */
    public record Value(double mean, double standardError, Interval interval) {}

    /** The regret after so many decisions. */
    public record Point(long decisions, Value regret) {}

    /**
     * @param epsilon of epsilon_greedy
     * @param regret at the horizon
     * @param bestArmShare the share of decisions that went to the best arm of the moment
     * @param curve ascending, the last point is the horizon
     */
    public record PolicyResult(
            PolicyName policy, OptionalDouble epsilon, Value regret, Value bestArmShare, List<Point> curve) {}
}
