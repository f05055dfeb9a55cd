package dev.bandit.core.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.inference.Power;
import dev.bandit.core.inference.Power.Alternative;
import dev.bandit.core.policy.FixedSplit;
import dev.bandit.core.policy.Policy;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.posterior.BetaPosterior;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.ForkJoinPool;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;

class TrialTest {
    private static final long SEED = 20260101;
    private static final BernoulliArms ARMS = BernoulliArms.of(0.1, 0.13, 0.11);

    @Test
    void outcomes_do_not_depend_on_the_number_of_threads() {
        Trial trial = trial(new Thompson(), new PosteriorRule(0.95, 0.001, 0), Schedule.of(20_000, 50, 0, 100));
        Outcome[] alone = trial.play(40, SEED, false);
        assertThat(Arrays.stream(alone).distinct()).hasSizeGreaterThan(30);
        for (int threads : new int[] {1, 2, 7}) {
            try (ForkJoinPool pool = new ForkJoinPool(threads)) {
                assertThat(pool.submit(() -> trial.play(40, SEED, true)).join()).isEqualTo(alone);
            }
        }
        assertThat(trial.play(40, SEED + 1, false)).isNotEqualTo(alone);
    }

    @Test
    void a_fixed_split_loses_the_mean_gap_with_every_decision() {
        Trial trial = trial(new FixedSplit(), StopRule.never(), Schedule.of(10_000, 100, 0, 0));
        for (Outcome outcome : trial.play(5, SEED, false)) {
            assertThat(outcome.winner()).isEqualTo(Outcome.NONE);
            assertThat(outcome.decisions()).isEqualTo(10_000);
            assertThat(outcome.regret()).isCloseTo(10_000 * (0.03 + 0.02) / 3, within(1e-8));
            assertThat(outcome.regretUntilVerdict()).isEqualTo(outcome.regret());
        }
    }

    @Test
    void the_winner_gets_the_rest() {
        StopRule third = look -> OptionalInt.of(2);
        Outcome outcome =
                trial(new FixedSplit(), third, Schedule.of(10_000, 4_000, 0, 0)).play(1, SEED, false)[0];
        assertThat(outcome.decisions()).isEqualTo(4_000);
        assertThat(outcome.regretUntilVerdict()).isCloseTo(4_000 * 0.05 / 3, within(1e-8));
        assertThat(outcome.regret()).isCloseTo(4_000 * 0.05 / 3 + 6_000 * 0.02, within(1e-8));
    }

    /** 4,000 runs: 5.5 standard deviations, and 0.005 for the normal approximation that planning makes. */
    @Test
    void the_planned_sample_has_the_planned_power() {
        double h = Power.cohensH(0.1, 0.12);
        for (double power : new double[] {0.8, 0.5}) {
            double planned =
                    Power.samplePerArm(h, 0.05, power, Alternative.LARGER).orElseThrow();
            long perArm = (long) Math.ceil(planned);
            assertThat(shipped(perArm, 0.1, 0.12))
                    .isCloseTo(power, within(0.005 + 5.5 * Math.sqrt(power * (1 - power) / 4000)));
            assertThat(shipped(perArm, 0.1, 0.1)).isCloseTo(0.05, within(0.005 + 5.5 * Math.sqrt(0.05 * 0.95 / 4000)));
        }
    }

    private static double shipped(long perArm, double... rates) {
        BernoulliArms arms = BernoulliArms.of(rates);
        Schedule schedule = Schedule.once(2 * perArm, 10 * perArm, 0);
        Trial trial = new Trial(arms, new FixedSplit(), 0, new FixedSampleRule(perArm, 0.05), schedule);
        return Summary.of(arms, trial.play(4000, SEED, true)).shipped();
    }

    @Test
    void of_several_clear_winners_the_clearest_is_named() {
        BernoulliArms arms = BernoulliArms.of(0.1, 0.5, 0.7, 0.6);
        Trial trial = new Trial(
                arms, new FixedSplit(), 0, new FixedSampleRule(100_000, 0.05), Schedule.once(400_000, 500_000, 0));
        assertThat(trial.play(1, SEED, false)[0].winner()).isEqualTo(2);
    }

    /** Steps against one decision at a time, 600 runs each: means within 5.5 standard errors of their difference. */
    @Test
    void steps_lose_as_much_as_single_decisions() {
        Trial trial = new Trial(
                BernoulliArms.of(0.1, 0.3), new Thompson(), 0, StopRule.never(), Schedule.of(3_000, 3_000, 0, 0));
        Summary steps = Summary.of(BernoulliArms.of(0.1, 0.3), trial.play(600, SEED, true));
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(SEED);
        double[] regrets = new double[600];
        Arrays.setAll(regrets, i -> oneAtATime(random));
        double mean = Arrays.stream(regrets).average().orElseThrow();
        double variance = Arrays.stream(regrets)
                        .map(regret -> (regret - mean) * (regret - mean))
                        .sum()
                / 599
                / 600;
        assertThat(steps.meanRegret())
                .isCloseTo(mean, within(5.5 * Math.hypot(Math.sqrt(variance), steps.regretStandardError())));
    }

    private static double oneAtATime(UniformRandomProvider random) {
        double[] rates = {0.1, 0.3};
        double[] alpha = {1, 1};
        double[] beta = {1, 1};
        double regret = 0;
        for (int i = 0; i < 3_000; i++) {
            int arm = Thompson.draw(random, alpha, beta);
            regret += 0.3 - rates[arm];
            if (random.nextDouble() < rates[arm]) {
                alpha[arm]++;
            } else {
                beta[arm]++;
            }
        }
        return regret;
    }

    /** Constants by mpmath. */
    @Test
    void any_policy_loses_the_constant_of_lai_and_robbins() {
        assertThat(LaiRobbins.constant(BernoulliArms.of(0.1, 0.2))).isCloseTo(2.725537251233701, within(1e-13));
        assertThat(LaiRobbins.constant(BernoulliArms.of(0.1, 0.15, 0.05, 0.15, 0.12)))
                .isCloseTo(14.568292651156267, within(1e-12));
        assertThat(LaiRobbins.constant(BernoulliArms.of(0.3, 0.3))).isZero();
        assertThat(LaiRobbins.constant(BernoulliArms.of(0.3, 1))).isZero();
    }

    @Test
    void posteriors_start_from_the_prior() {
        StopRule alone = look -> {
            assertThat(look.alpha()).isEqualTo(new double[] {2.5, 2.5, 2.5});
            assertThat(look.beta()).isEqualTo(new double[] {40, 40, 40});
            return OptionalInt.of(0);
        };
        // No reward is known yet at the first look.
        Schedule schedule = Schedule.of(1_000, 100, 0, 1_000);
        Outcome outcome = new Trial(
                        ChangingArms.of(ARMS), new BetaPosterior(2.5, 40), new Thompson(), 0, alone, schedule)
                .play(1, SEED, false)[0];
        assertThat(outcome.decisions()).isEqualTo(100);
    }

    @Test
    void nothing_is_learned_before_the_rewards_arrive() {
        Trial late = trial(new Thompson(), StopRule.never(), Schedule.of(1_000, 100, 0, 1_000));
        assertThat(late.play(1, SEED, false)[0].regret()).isCloseTo(1_000 * 0.05 / 3, within(1e-8));
    }

    @Test
    void a_rule_waits_for_decisions_of_every_arm() {
        StopRule early = look -> OptionalInt.of(0);
        Schedule schedule = Schedule.of(10_000, 10, 0, 0);
        Outcome byTime =
                trial(new FixedSplit(), early.notBefore(500, 0), schedule).play(1, SEED, false)[0];
        Outcome byArm =
                trial(new FixedSplit(), early.notBefore(0, 100), schedule).play(1, SEED, false)[0];
        assertThat(byTime.decisions()).isEqualTo(500);
        assertThat(byArm.decisions()).isBetween(300L, 500L);
    }

    @Test
    void a_summary_counts_runs_without_a_verdict_as_the_longest() {
        Summary summary = Summary.of(
                BernoulliArms.of(0.1, 0.2),
                new Outcome(1, 100, 5, 5),
                new Outcome(0, 300, 10, 30),
                new Outcome(1, 200, 7, 7),
                new Outcome(Outcome.NONE, 1000, 20, 20));
        assertThat(summary.medianDecisions()).hasValue(200);
        assertThat(summary.percentile90Decisions()).isEmpty();
        assertThat(summary.undecided()).isEqualTo(0.25);
        assertThat(summary.wrong()).isEqualTo(0.25);
        assertThat(summary.shipped()).isEqualTo(0.5);
        assertThat(summary.meanRegret()).isEqualTo(15.5);
    }

    @Test
    void refuses_what_cannot_be_played() {
        assertThatThrownBy(() -> BernoulliArms.of(0.5, 1.1)).hasMessageContaining("rates[1]");
        assertThatThrownBy(() -> Schedule.of(0, 1, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Schedule.of(10_000_000, 1, 1, 0)).hasMessageContaining("steps");
        assertThatThrownBy(() -> new FixedSampleRule(0, 0.05)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new PosteriorRule(1.5, 0, 0)).isInstanceOf(IllegalArgumentException.class);
        Schedule schedule = Schedule.of(10, 1, 0, 0);
        assertThatThrownBy(() -> new Trial(ARMS, new Thompson(), 0.5, StopRule.never(), schedule))
                .hasMessageContaining("floor");
    }

    private static Trial trial(Policy policy, StopRule rule, Schedule schedule) {
        return new Trial(ARMS, policy, 0.05, rule, schedule);
    }
}
