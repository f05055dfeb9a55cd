package dev.bandit.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.inference.Moments;
import dev.bandit.core.inference.Proportion;
import dev.bandit.core.policy.Arms;
import dev.bandit.core.policy.EpsilonGreedy;
import dev.bandit.core.policy.FixedSplit;
import dev.bandit.core.policy.Policy;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.policy.TopTwoThompson;
import dev.bandit.core.posterior.BetaPosterior;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RegretCurveTest {
    private static final long SEED = 20260101;
    private static final BetaPosterior UNIFORM = new BetaPosterior(1, 1);

    /** One decision after the other, as the policy says; the rewards become known in batches, each after its delay. */
    private record OneAtATime(ChangingArms arms, BetaPosterior prior, Policy policy, long refresh, long delay) {

        private record Reward(long due, int arm, boolean success) {}

        /** The gaps of the arms drawn, added up at each moment. */
        double[] play(UniformRandomProvider random, long... moments) {
            double[] alpha = new double[arms.count()];
            double[] beta = new double[arms.count()];
            Arrays.fill(alpha, prior.alpha());
            Arrays.fill(beta, prior.beta());
            ArrayDeque<Reward> waiting = new ArrayDeque<>();
            double[] regrets = new double[moments.length];
            double regret = 0;
            int moment = 0;
            for (long now = 0; moment < moments.length; now++) {
                if (now % Math.max(1, refresh) == 0) {
                    while (!waiting.isEmpty() && waiting.peek().due() <= now) {
                        Reward due = waiting.remove();
                        alpha[due.arm()] += due.success() ? 1 : 0;
                        beta[due.arm()] += due.success() ? 0 : 1;
                    }
                }
                int arm = draw(random, alpha, beta);
                regret += arms.after(now).gap(arm);
                boolean success = random.nextDouble() < arms.after(now).rate(arm);
                waiting.add(new Reward(now + 1 + delay, arm, success));
                if (now + 1 == moments[moment]) {
                    regrets[moment++] = regret;
                }
            }
            return regrets;
        }

        private int draw(UniformRandomProvider random, double[] alpha, double[] beta) {
            return switch (policy) {
                case Thompson() -> Thompson.draw(random, alpha, beta);
                case TopTwoThompson _, EpsilonGreedy _ ->
                    policy.distribution(Arms.of(alpha, beta)).draw(random.nextDouble());
                case FixedSplit() -> random.nextInt(alpha.length);
            };
        }
    }

    static List<Arguments> worlds() {
        ChangingArms three = ChangingArms.of(BernoulliArms.of(0.1, 0.3, 0.2));
        ChangingArms changing = three.then(400, BernoulliArms.of(0.4, 0.1, 0.2));
        List<Arguments> all = new ArrayList<>();
        for (Policy policy : List.of(new Thompson(), new TopTwoThompson(), new EpsilonGreedy(0.1), new FixedSplit())) {
            all.add(Arguments.of(new OneAtATime(three, UNIFORM, policy, 0, 0)));
            all.add(Arguments.of(new OneAtATime(changing, new BetaPosterior(2, 5), policy, 0, 0)));
        }
        all.add(Arguments.of(new OneAtATime(three, UNIFORM, new Thompson(), 100, 0)));
        all.add(Arguments.of(new OneAtATime(three, UNIFORM, new Thompson(), 0, 150)));
        all.add(Arguments.of(new OneAtATime(changing, UNIFORM, new TopTwoThompson(), 50, 100)));
        return all;
    }

    /**
     * Batched steps against a plain loop, 250 replications each: at every moment the means differ by less than 5 standard errors
     * of their difference, which chance exceeds once in 1.7 million.
     */
    @ParameterizedTest
    @MethodSource("worlds")
    void steps_lose_what_single_decisions_lose(OneAtATime loop) {
        long[] moments = {50, 200, 500, 1_000};
        Schedule schedule = Schedule.of(1_000, 1_000, loop.refresh(), loop.delay());
        RegretCurve curve = new Trial(loop.arms(), loop.prior(), loop.policy(), 0, StopRule.never(), schedule)
                .regret(250, SEED, true, moments);
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
        Moments.Accumulator[] single = new Moments.Accumulator[moments.length];
        Arrays.setAll(single, i -> new Moments.Accumulator());
        for (int run = 0; run < 250; run++) {
            double[] regrets = loop.play(random, moments);
            for (int i = 0; i < moments.length; i++) {
                single[i].add(regrets[i]);
            }
        }
        for (int i = 0; i < moments.length; i++) {
            Moments batched = curve.regret().get(i);
            Moments plain = single[i].moments();
            double error = Math.hypot(
                    batched.standardError().orElseThrow(), plain.standardError().orElseThrow());
            assertThat(batched.mean()).as("after %d", moments[i]).isCloseTo(plain.mean(), within(5 * error));
        }
    }

    /**
     * From 100,000 to 10 million decisions regret grows by 0.91 C for each unit of ln T (1,000 replications, standard error 0.04 with
     * the 400 here, so 5 of them to 0.7), which tends to C; and it stays below C ln T throughout.
     */
    @Test
    void thompson_sampling_follows_lai_and_robbins() {
        BernoulliArms arms = BernoulliArms.of(0.5, 0.4);
        long horizon = 10_000_000;
        Schedule schedule = Schedule.of(horizon, horizon, 0, 0);
        long[] moments = {100, 1_000, 10_000, 100_000, 1_000_000, horizon};
        RegretCurve curve =
                new Trial(arms, new Thompson(), 0, StopRule.never(), schedule).regret(400, SEED, true, moments);
        double constant = LaiRobbins.constant(arms);
        for (int i = 0; i < moments.length; i++) {
            Moments regret = curve.regret().get(i);
            assertThat(regret.mean() + 5 * regret.standardError().orElseThrow())
                    .isLessThan(constant * Math.log(moments[i]));
        }
        double growth = curve.last().mean() - curve.regret().get(3).mean();
        assertThat(growth / (constant * Math.log(100))).isBetween(0.7, 1.1);
    }

    /** By hand: gap / (p ln(p / p*) + (1 - p) ln((1 - p) / (1 - p*))), added up. */
    @Test
    void the_constant_of_lai_and_robbins() {
        assertThat(LaiRobbins.constant(BernoulliArms.of(0.5, 0.4))).isCloseTo(4.966349616475459, within(1e-12));
        assertThat(LaiRobbins.constant(BernoulliArms.of(0.1, 0.3, 0.2, 0.3)))
                .isCloseTo(5.6055665625405995, within(1e-12));
        assertThat(LaiRobbins.constant(BernoulliArms.of(0.3, 0))).isCloseTo(0.3 / -Math.log(0.7), within(1e-12));
        assertThat(LaiRobbins.constant(BernoulliArms.of(0.3, 0.3))).isZero();
        assertThat(LaiRobbins.constant(BernoulliArms.of(1, 0.5, 0))).isZero();
    }

    @Test
    void curves_do_not_depend_on_the_number_of_threads() {
        Trial trial =
                trial(ChangingArms.of(BernoulliArms.of(0.1, 0.2)), new Thompson(), Schedule.of(5_000, 5_000, 0, 50));
        RegretCurve alone = trial.regret(70, SEED, false, 10, 5_000);
        for (int threads : new int[] {1, 2, 7}) {
            try (ForkJoinPool pool = new ForkJoinPool(threads)) {
                RegretCurve together = pool.submit(() -> trial.regret(70, SEED, true, 10, 5_000))
                        .join();
                assertThat(together.regret()).isEqualTo(alone.regret());
                assertThat(together.bestShare()).isEqualTo(alone.bestShare());
            }
        }
        assertThat(trial.regret(70, SEED + 1, false, 10, 5_000).regret()).isNotEqualTo(alone.regret());
    }

    @Test
    void a_curve_ends_where_the_outcomes_do() {
        Trial trial =
                trial(ChangingArms.of(BernoulliArms.of(0.1, 0.2)), new Thompson(), Schedule.of(5_000, 100, 0, 50));
        Trial stopped = new Trial(
                BernoulliArms.of(0.1, 0.2),
                new Thompson(),
                0,
                new PosteriorRule(0.9, 1, 0),
                Schedule.of(5_000, 100, 0, 50));
        for (Trial each : List.of(trial, stopped)) {
            Moments.Accumulator outcomes = new Moments.Accumulator();
            Arrays.stream(each.play(16, SEED, false)).forEach(outcome -> outcomes.add(outcome.regret()));
            assertThat(each.regret(16, SEED, false, 5_000).last()).isEqualTo(outcomes.moments());
        }
    }

    /** The gaps are 0.2 and 0 until the change after 1,234, then 0 and 0.4; all in one step. */
    @Test
    void regret_is_against_the_best_arm_of_the_moment() {
        ChangingArms arms = ChangingArms.of(BernoulliArms.of(0.1, 0.3)).then(1_234, BernoulliArms.of(0.5, 0.1));
        RegretCurve curve = trial(arms, new FixedSplit(), Schedule.once(2_000, 2_000, 0))
                .regret(3, SEED, false, 1, 1_000, 1_234, 1_235, 2_000);
        double[] expected = {0.1, 100, 123.4, 123.6, 123.4 + 766 * 0.2};
        assertThat(curve.decisions()).containsExactly(1, 1_000, 1_234, 1_235, 2_000);
        for (int i = 0; i < expected.length; i++) {
            assertThat(curve.regret().get(i).mean()).isCloseTo(expected[i], within(1e-9));
            assertThat(curve.regret().get(i).squares()).isCloseTo(0, within(1e-18));
        }
        assertThat(curve.bestShare().mean()).isCloseTo(0.5, within(1e-12));
    }

    /** Arm 0 always succeeds and arm 1 never until the change at 500, the other way round after; all rewards come after it. */
    @Test
    void late_rewards_are_those_of_the_moment_of_the_decision() {
        ChangingArms arms = ChangingArms.of(BernoulliArms.of(1, 0)).then(500, BernoulliArms.of(0, 1));
        List<Proportion> seen = new ArrayList<>();
        StopRule watch = look -> {
            IntStream.range(0, 2).forEach(k -> seen.add(look.seen(k)));
            return OptionalInt.empty();
        };
        new Trial(arms, UNIFORM, new FixedSplit(), 0, watch, Schedule.of(1_500, 1_500, 500, 1_000))
                .play(1, SEED, false);
        assertThat(seen.get(0).trials() + seen.get(1).trials()).isEqualTo(500);
        assertThat(seen.get(0).successes()).isEqualTo(seen.get(0).trials());
        assertThat(seen.get(1).successes()).isZero();
    }

    /** What twenty million imagined rewards say is hardly changed by a hundred real ones: by 0.5 at most of 50. */
    @Test
    void a_strong_prior_holds() {
        Trial trial = new Trial(
                ChangingArms.of(BernoulliArms.of(0, 1)),
                new BetaPosterior(1e7, 1e7),
                new Thompson(),
                0,
                StopRule.never(),
                Schedule.of(100, 100, 0, 0));
        assertThat(trial.regret(20, SEED, false, 100).last().mean()).isCloseTo(50, within(0.5));
    }

    @Test
    void refuses_moments_and_changes_out_of_order() {
        ChangingArms arms = ChangingArms.of(BernoulliArms.of(0.1, 0.2));
        Trial trial = trial(arms, new Thompson(), Schedule.of(100, 100, 0, 0));
        for (long[] moments : new long[][] {{}, {0, 5}, {5, 5}, {7, 6}, {5, 101}}) {
            assertThatThrownBy(() -> trial.regret(10, SEED, false, moments))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("decisions must");
        }
        assertThatThrownBy(() -> trial.regret(0, SEED, false, 5)).hasMessageContaining("replications");
        assertThatThrownBy(() -> arms.then(0, BernoulliArms.of(0.1, 0.2))).hasMessageContaining("change");
        assertThatThrownBy(() -> arms.then(5, BernoulliArms.of(0.1))).hasMessageContaining("2 arms");
    }

    private static Trial trial(ChangingArms arms, Policy policy, Schedule schedule) {
        return new Trial(arms, UNIFORM, policy, 0, StopRule.never(), schedule);
    }
}
