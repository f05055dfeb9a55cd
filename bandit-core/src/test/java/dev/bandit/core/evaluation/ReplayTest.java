package dev.bandit.core.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.ReferenceTable;
import dev.bandit.core.evaluation.Replay.Point;
import dev.bandit.core.policy.Arms;
import dev.bandit.core.policy.EpsilonGreedy;
import dev.bandit.core.policy.FixedSplit;
import dev.bandit.core.policy.Policy;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.sampling.Categorical;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToIntBiFunction;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private static final Policy GREEDY = new EpsilonGreedy(0.2);
    private static final double[] RATES = {0.2, 0.4, 0.7};
    private static final double[] EVEN = {1.0 / 3, 1.0 / 3, 1.0 / 3};
    private static final double[] SKEWED = {0.7, 0.2, 0.1};

    private final UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(91);

    private static Arms prior(int arms) {
        double[] ones = new double[arms];
        Arrays.fill(ones, 1);
        return Arms.of(ones, ones);
    }

    private static Arms playing(int arm, int arms) {
        double[] allocation = new double[arms];
        allocation[arm] = 1;
        double[] ones = new double[arms];
        Arrays.fill(ones, 1);
        return new Arms(ones, ones, allocation);
    }

    @Test
    void of_a_policy_that_does_not_learn_it_is_the_pipelines_replay() {
        ReferenceTable table = ReferenceTable.named("replay");
        assertThat(table.size()).isGreaterThanOrEqualTo(200);
        for (int row = 0; row < table.size(); row++) {
            int arms = (int) table.number(row, "arms");
            Replay replay = new Replay(
                    Learning.atOnce(new FixedSplit()),
                    playing((int) table.number(row, "played"), arms),
                    1.0 / arms,
                    random);
            double[] chosen = table.numbers(row, "chosen");
            double[] rewards = table.numbers(row, "rewards");
            for (int t = 0; t < chosen.length; t++) {
                replay.offer((int) chosen[t], 1.0 / arms, rewards[t]);
            }
            double value = table.number(row, "value");
            assertThat(replay.accepted()).isEqualTo((long) table.number(row, "matches"));
            assertThat(replay.offered()).isEqualTo(chosen.length);
            assertThat(replay.meanReward().isEmpty()).isEqualTo(Double.isNaN(value));
            if (replay.accepted() > 0) {
                assertThat(replay.meanReward().getAsDouble()).as("row %s", row).isCloseTo(value, within(1e-9 * value));
            }
        }
    }

    /** The mean reward of a policy's first 60 decisions over many runs, and the variance of that mean. */
    private record Runs(double mean, double variance) {
        static final int DECISIONS = 60;
        static final int COUNT = 3_000;

        static Runs of(Supplier<Double> run) {
            double[] means = new double[COUNT];
            Arrays.setAll(means, i -> run.get());
            double mean = Arrays.stream(means).average().orElseThrow();
            double squares =
                    Arrays.stream(means).map(x -> (x - mean) * (x - mean)).sum();
            return new Runs(mean, squares / (COUNT - 1) / COUNT);
        }
    }

    /** Where the policy itself decides. */
    private double live(ToIntBiFunction<double[], double[]> policy, int batch, int delay) {
        double[] alpha = {1, 1, 1};
        double[] beta = {1, 1, 1};
        int[] arms = new int[Runs.DECISIONS];
        boolean[] rewarded = new boolean[Runs.DECISIONS];
        double sum = 0;
        int known = 0;
        for (int t = 0; t < Runs.DECISIONS; t++) {
            arms[t] = policy.applyAsInt(alpha, beta);
            rewarded[t] = random.nextDouble() < RATES[arms[t]];
            sum += rewarded[t] ? 1 : 0;
            for (; (t + 1) % batch == 0 && known < t + 1 - delay; known++) {
                alpha[arms[known]] += rewarded[known] ? 1 : 0;
                beta[arms[known]] += rewarded[known] ? 0 : 1;
            }
        }
        return sum / Runs.DECISIONS;
    }

    private int greedy(double[] alpha, double[] beta) {
        return GREEDY.distribution(Arms.of(alpha, beta)).draw(random.nextDouble());
    }

    private double replayed(double[] behaviour, double least, Learning learning) {
        double[] cumulative = {behaviour[0], behaviour[0] + behaviour[1], 1};
        Replay replay = new Replay(learning, prior(3), least, random);
        while (replay.accepted() < Runs.DECISIONS) {
            int arm = Categorical.draw(cumulative, random.nextDouble());
            replay.offer(arm, Math.max(least, behaviour[arm]), random.nextDouble() < RATES[arm] ? 1 : 0);
        }
        return replay.meanReward().orElseThrow();
    }

    /** Two means of 3,000 runs differ by 5.5 standard errors in less than one of 1e7 seeds. */
    private static void checkAlike(Runs actual, Runs expected) {
        assertThat(actual.mean())
                .isCloseTo(expected.mean(), within(5.5 * Math.sqrt(actual.variance() + expected.variance())));
    }

    @Nested
    class What_is_accepted_is_as_if_the_policy_had_decided {
        @Test
        void on_even_logs() {
            checkAlike(
                    Runs.of(() -> replayed(EVEN, 1.0 / 3, Learning.atOnce(GREEDY))),
                    Runs.of(() -> live(ReplayTest.this::greedy, 1, 0)));
        }

        @Test
        void on_uneven_logs_by_their_propensities() {
            checkAlike(
                    Runs.of(() -> replayed(SKEWED, 0.1, Learning.atOnce(GREEDY))),
                    Runs.of(() -> live(ReplayTest.this::greedy, 1, 0)));
        }

        @Test
        void with_rewards_that_come_later_and_in_batches() {
            checkAlike(
                    Runs.of(() -> replayed(EVEN, 1.0 / 3, new Learning(new Thompson(), 0, 12, 15))),
                    Runs.of(() -> live((alpha, beta) -> Thompson.draw(random, alpha, beta), 12, 15)));
        }

        /** That the others could fail: uneven logs as if they were even, and rewards that come late as if at once. */
        @Test
        void but_not_otherwise() {
            double live = Runs.of(() -> live(ReplayTest.this::greedy, 1, 0)).mean();
            double late = Runs.of(() -> live(ReplayTest.this::greedy, 12, 15)).mean();
            double uneven = Runs.of(() -> replayed(SKEWED, 0.7, Learning.atOnce(GREEDY)))
                    .mean();
            assertThat(uneven).isLessThan(live - 0.05);
            assertThat(late).isLessThan(live - 0.02);
        }
    }

    @Test
    void one_round_in_so_many_is_accepted_whatever_the_policy() {
        Replay replay = new Replay(Learning.atOnce(new FixedSplit()), playing(0, 3), 0.1, random);
        double[] cumulative = {0.7, 0.9, 1};
        for (int t = 0; t < 20_000; t++) {
            int arm = Categorical.draw(cumulative, random.nextDouble());
            replay.offer(arm, SKEWED[arm], 1);
        }
        assertThat(replay.accepted() / 20_000.0).isCloseTo(0.1, within(5.5 * Math.sqrt(0.09 / 20_000)));
        assertThat(replay.acceptedByArm()).containsExactly(replay.accepted(), 0, 0);
    }

    /** Rewards of one arm only: the policy plays it more as soon as it knows, and not before. */
    @Test
    void nothing_is_learned_before_rewards_are_known() {
        Learning learning = new Learning(new Thompson(), 0.1, 100, 400);
        Replay replay = new Replay(learning, prior(2), 0.5, random, 400, 499, 500, 1_000);
        long early = 0;
        while (replay.accepted() < 1_000) {
            int arm = random.nextInt(2);
            replay.offer(arm, 0.5, arm);
            early = replay.accepted() <= 499 ? replay.acceptedByArm()[0] : early;
        }
        // Half of 499, but for 5.5 standard errors; then the floor.
        assertThat((double) early).isCloseTo(249.5, within(5.5 * Math.sqrt(499) / 2));
        assertThat((double) replay.acceptedByArm()[0] - early).isCloseTo(50.1, within(5.5 * Math.sqrt(501 * 0.09)));
        List<Point> curve = replay.curve();
        assertThat(curve).extracting(Point::accepted).containsExactly(400L, 499L, 500L, 1_000L);
        assertThat(curve.get(1).rewards()).isEqualTo(499 - early);
        assertThat(curve.get(3).rewards()).isEqualTo(replay.rewards());
        assertThat(curve.get(3).offered()).isEqualTo(replay.offered());
    }

    @Test
    void what_cannot_be_is_refused_and_changes_nothing() {
        Replay replay = new Replay(Learning.atOnce(new Thompson()), prior(2), 0.5, random, 10);
        assertThatThrownBy(() -> replay.offer(2, 0.5, 1)).hasMessageContaining("arm");
        assertThatThrownBy(() -> replay.offer(0, 0.4, 1)).hasMessageContaining("smallest");
        assertThatThrownBy(() -> replay.offer(0, 1.1, 1)).hasMessageContaining("propensity");
        assertThatThrownBy(() -> replay.offer(0, 0.5, Double.NaN)).hasMessageContaining("reward");
        assertThat(replay.offered()).isZero();
        assertThat(replay.meanReward()).isEmpty();
        assertThat(replay.curve()).isEmpty();
        Learning atOnce = Learning.atOnce(new Thompson());
        assertThatThrownBy(() -> new Replay(atOnce, prior(2), 0, random)).hasMessageContaining("least");
        assertThatThrownBy(() -> new Replay(atOnce, prior(2), 0.5, random, 5, 5))
                .hasMessageContaining("ascend");
        assertThatThrownBy(() -> new Replay(new Learning(new Thompson(), 0.6, 1, 0), prior(2), 0.5, random))
                .hasMessageContaining("floor");
        assertThatThrownBy(() -> new Learning(new Thompson(), 0, 0, 0)).hasMessageContaining("batch");
    }
}
