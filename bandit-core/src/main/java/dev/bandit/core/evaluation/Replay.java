package dev.bandit.core.evaluation;

import dev.bandit.core.numeric.CompensatedSums;
import dev.bandit.core.numeric.Require;
import dev.bandit.core.policy.ArmDistribution;
import dev.bandit.core.policy.Arms;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.commons.rng.UniformRandomProvider;

/**
 * A policy that learns, replayed on the rounds of another one: L. Li, W. Chu, J. Langford and X. Wang, <i>Unbiased offline
 * evaluation of contextual-bandit-based news article recommendation algorithms</i> (2011). Of every round on record the policy
 * chooses an arm; where that is the arm of the record, the round is accepted: the policy gets the reward and learns from it.
 * All other rounds are as if they had not been.
 *
 * <p>Where arms were not chosen evenly, a round whose arms agree is accepted with probability {@code least / p}, p the propensity
 * on record and least the smallest there is. So whatever the policy chooses is accepted with the probability {@code least}, and
 * what is accepted is distributed as if the policy had decided: rejection sampling, as T. Mandel, Y. Liu, E. Brunskill and Z.
 * Popovic, <i>Offline evaluation of online reinforcement learning algorithms</i> (2016), use it. It costs rounds: one in {@code
 * 1 / least} is accepted.
 *
 * <p>What an arm would be rewarded with must not depend on the rounds before. What the policy is at some moment does, so that two
 * replays cannot be merged: average several with other seeds. Not thread-safe.
 */
public final class Replay {
    /** Propensities may be less than the smallest by as much as rounding does. */
    private static final double SLACK = 1e-9;

    private record Pending(int arm, double reward) {}

    /**
     * What had happened when so many rounds had been accepted.
     *
     * @param accepted rounds accepted
     * @param offered rounds on record until then
     * @param rewards sum of the rewards of those accepted
     */
    public record Point(long accepted, long offered, double rewards) {}

    private final Learning learning;
    private final double least;
    private final UniformRandomProvider random;
    private final long[] points;
    private final double[] alpha;
    private final double[] beta;
    private final double[] allocation;
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    private final List<Point> curve = new ArrayList<>();
    private final long[] acceptedByArm;
    private final CompensatedSums rewards = new CompensatedSums(1);
    private ArmDistribution distribution;
    private boolean learned;
    private long offered;
    private long accepted;

    /**
     * @param prior what the policy knows of each arm beforehand; copied
     * @param least the smallest propensity there is on record, in (0, 1]: 1 over the number of arms if they were chosen evenly
     * @param random all that makes it random
     * @param points of the curve: numbers of accepted rounds, ascending, at least 1; copied
     * @throws IllegalArgumentException if a value is out of its range, or the floor is too large for so many arms
     */
    public Replay(Learning learning, Arms prior, double least, UniformRandomProvider random, long... points) {
        requireChance("least", least);
        for (int i = 0; i < points.length; i++) {
            if (points[i] < 1 || (i > 0 && points[i] <= points[i - 1])) {
                throw new IllegalArgumentException(
                        "points must be at least 1 and ascend, but are " + Arrays.toString(points));
            }
        }
        this.learning = learning;
        this.least = least;
        this.random = random;
        this.points = points.clone();
        alpha = prior.alpha().clone();
        beta = prior.beta().clone();
        allocation = prior.allocation().clone();
        acceptedByArm = new long[prior.count()];
        distribution = renewed();
    }

    private static void requireChance(String name, double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be above 0 and at most 1, but is " + value);
        }
    }

    private ArmDistribution renewed() {
        return learning.policy().distribution(new Arms(alpha, beta, allocation)).withFloor(learning.floor());
    }

    /**
     * The next round on record.
     *
     * @param arm the one chosen
     * @param propensity with which it was, from {@code least} to 1
     * @param reward in [0, 1]
     * @return whether it was accepted
     * @throws IllegalArgumentException if there is no such arm or a value is out of its range; nothing has changed then
     */
    public boolean offer(int arm, double propensity, double reward) {
        if (arm < 0 || arm >= alpha.length) {
            throw new IllegalArgumentException("arm must be in [0, " + alpha.length + "), but is " + arm);
        }
        requireChance("propensity", propensity);
        if (propensity < least * (1 - SLACK)) {
            throw new IllegalArgumentException(
                    "propensity must be at least the smallest, " + least + ", but is " + propensity);
        }
        Require.unit("reward", reward);
        if (learned) {
            distribution = renewed();
            learned = false;
        }
        offered++;
        boolean agreed = distribution.draw(random.nextDouble()) == arm;
        if (!agreed || (propensity > least && random.nextDouble() >= least / propensity)) {
            return false;
        }
        accept(arm, reward);
        return true;
    }

    private void accept(int arm, double reward) {
        accepted++;
        acceptedByArm[arm]++;
        rewards.add(0, reward);
        pending.add(new Pending(arm, reward));
        if (accepted % learning.batch() == 0) {
            while (pending.size() > learning.delay()) {
                Pending known = pending.remove();
                alpha[known.arm()] += known.reward();
                beta[known.arm()] += 1 - known.reward();
                learned = true;
            }
        }
        if (curve.size() < points.length && accepted == points[curve.size()]) {
            curve.add(new Point(accepted, offered, rewards.get(0)));
        }
    }

    /** How many rounds on record there were. */
    public long offered() {
        return offered;
    }

    /** How many of them were accepted: decisions of the policy. */
    public long accepted() {
        return accepted;
    }

    /** The same by arm; a copy. */
    public long[] acceptedByArm() {
        return acceptedByArm.clone();
    }

    /** Sum of the rewards of those accepted. */
    public double rewards() {
        return rewards.get(0);
    }

    /** What the policy earns on average over as many decisions; undefined before one is accepted. */
    public OptionalDouble meanReward() {
        return accepted == 0 ? OptionalDouble.empty() : OptionalDouble.of(rewards() / accepted);
    }

    /** The points that were reached. */
    public List<Point> curve() {
        return List.copyOf(curve);
    }
}
