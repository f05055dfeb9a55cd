package dev.bandit.service.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** Seeded: what is asserted of simulated numbers lies further from its limit than 5.5 standard deviations of it. */
class PlannerTest {

    private static final Planner PLANNER = new Planner(Duration.ofSeconds(30), true);
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    @Test
    void a_bandit_is_taken_where_it_saves_successes() {
        Plan plan = plan("'arms': [{'name': 'control', 'rate': 0.1}, {'name': 'treatment', 'rate': 0.15}],"
                + " 'traffic': 1000, 'min_allocation': 0.01, 'replications': 200");
        Forecast forecast = PLANNER.forecast(plan);

        assertThat(forecast.recommendation().design()).isEqualTo("bandit");
        assertThat(forecast.bandit().lostSuccesses())
                .isLessThan(0.8 * forecast.fixedSplit().lostSuccesses());
        assertThat(forecast.bandit().medianDays()).isBetween(3.0, 28.0);
        assertThat(forecast.notes()).isEmpty();
        assertThat(ForecastText.of(plan, forecast))
                .contains(
                        "every arm at least 1 %",
                        "Recommendation: use a bandit.", "3,021 an arm, 6,042 in all, 6.0 days");
    }

    @Test
    void equal_arms_leave_nothing_to_save() {
        Forecast forecast = PLANNER.forecast(
                plan(
                        "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.1}], 'traffic': 1000, 'replications': 200"));

        assertThat(forecast.recommendation().design()).isEqualTo("fixed_split");
        assertThat(forecast.recommendation().reason()).contains("leave nothing to save");
        assertThat(forecast.bandit().lostSuccesses()).isZero();
        assertThat(forecast.bandit().errorRate()).isEqualTo(forecast.bandit().shipsIfEqual());
    }

    @Test
    void rewards_that_come_too_late_leave_a_bandit_nothing_to_do() {
        Forecast forecast = PLANNER.forecast(
                plan(
                        "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.12}], 'traffic': 2000, 'delay': '7d', 'max_days': 14, 'replications': 100"));

        assertThat(forecast.recommendation().design()).isEqualTo("fixed_split");
        assertThat(forecast.recommendation().reason()).startsWith("Rewards come 7d after the decision");
    }

    @Test
    void traffic_that_is_too_small_is_told() {
        Forecast forecast = PLANNER.forecast(
                plan(
                        "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.12}], 'traffic': 20, 'replications': 100"));

        assertThat(forecast.recommendation().design()).isEqualTo("neither");
        assertThat(forecast.recommendation().reason()).startsWith("20 decisions a day are too few");
        assertThat(forecast.fixedSplit().noVerdict()).isEqualTo(1);
        assertThat(forecast.fixedSplit().medianDays()).isNull();
    }

    @Test
    void a_bandit_that_guesses_is_not_taken_only_because_the_fixed_split_is_slower() {
        Forecast forecast = PLANNER.forecast(plan(
                "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.101}], 'traffic': 200, 'rule': 'value_remaining',"
                        + " 'stop': {'min_decisions_per_arm': 10}, 'max_days': 28, 'replications': 100"));

        assertThat(forecast.fixedSplit().noVerdict()).isEqualTo(1);
        assertThat(forecast.bandit().noVerdict()).isLessThan(0.5);
        assertThat(forecast.recommendation().design()).isEqualTo("neither");
        assertThat(forecast.recommendation().reason()).contains("names a worse arm in");
    }

    @Test
    void the_same_plan_has_the_same_forecast() {
        Plan plan = plan(
                "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.12}], 'traffic': 500, 'rule': 'anytime', 'max_days': 7, 'replications': 50, 'seed': 7");
        assertThat(new Planner(Duration.ofSeconds(30), false).forecast(plan)).isEqualTo(PLANNER.forecast(plan));
    }

    @Test
    void a_prior_that_is_sure_holds_the_bandit_back() {
        String fields =
                "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.2}], 'traffic': 500, 'max_days': 7,"
                        + " 'stop': {'min_runtime': '1d'}, 'replications': 100";
        Plan sure = plan(fields + ", 'prior': {'alpha': 5000, 'beta': 45000}");
        Forecast stubborn = PLANNER.forecast(sure);
        Forecast open = PLANNER.forecast(plan(fields));

        // 3,500 decisions do not move 50,000: the arms are taken alike, and nothing is sure.
        assertThat(stubborn.bandit().lostSuccesses())
                .isGreaterThan(2 * open.bandit().lostSuccesses());
        assertThat(stubborn.fixedSplit()).isEqualTo(open.fixedSplit());
        assertThat(PLANNER.forecast(plan(fields + ", 'prior': {'alpha': 1}"))).isEqualTo(open);
        assertThat(ForecastText.of(sure, stubborn)).contains("Thompson sampling from Beta(5000.0, 45000.0), until");
    }

    @ParameterizedTest
    @CsvSource({"0.01, 0.01", "0.01, 1000000", "1000000, 0.01", "1000000, 1000000"})
    void any_prior_that_a_plan_may_have_is_simulated(double alpha, double beta) {
        Forecast forecast = PLANNER.forecast(plan(
                "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.2}, {'name': 'c', 'rate': 0.9}], 'traffic': 200,"
                        + " 'max_days': 7, 'stop': {'min_runtime': '1d', 'max_value_remaining': 0.1}, 'replications': 50,"
                        + " 'prior': {'alpha': " + alpha + ", 'beta': " + beta + "}"));
        assertThat(forecast.bandit().lostSuccesses()).isPositive();
    }

    @Test
    void a_plan_beyond_the_budget_is_simulated_more_coarsely_and_says_so() {
        Forecast forecast = new Planner(Duration.ofMillis(100), true)
                .forecast(plan(
                        "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.11}, {'name': 'c', 'rate': 0.12}],"
                                + " 'traffic': 100000000, 'max_days': 365, 'look_every': '1m', 'replications': 2000"));
        assertThat(forecast.replications()).isEqualTo(50);
        assertThat(forecast.notes())
                .hasSize(2)
                .satisfiesExactly(
                        looks -> assertThat(looks).contains("asked every 64h and not every 1m"),
                        runs -> assertThat(runs).contains("50 runs and not 2000"));
    }

    @Test
    void without_a_least_lift_the_fixed_split_has_the_rule_of_the_bandit() {
        Forecast forecast = PLANNER.forecast(
                plan(
                        "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.2}], 'traffic': 500, 'guardrails': {'min_lift': 0}, 'replications': 50"));
        assertThat(forecast.fixedSample()).isNull();
        assertThat(forecast.notes()).singleElement().asString().contains("min_lift");
    }

    @Test
    void a_lift_below_the_least_that_matters_is_told() {
        Forecast forecast = PLANNER.forecast(
                plan(
                        "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.102}], 'traffic': 500, 'max_days': 7, 'replications': 50"));
        assertThat(forecast.notes())
                .singleElement()
                .asString()
                .startsWith("The lift you expect, 10 % to 10.2 %, is below the min_lift");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    'traffic': 10 | arms | arms is missing, expected 2 to 20 arms with name and rate
                    'arms': [{'name': 'a', 'rate': 0.1}], 'traffic': 10 | arms | arms has 1 arms, expected 2 to 20
                    'arms': [{'name': 'a', 'rate': 0.1}, null], 'traffic': 10 | arms[1] | arms[1] is missing, expected an object with name and rate
                    'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'a', 'rate': 0.1}], 'traffic': 10 | arms[1].name | arms[1].name is "a" again, expected a name for each arm
                    'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 1}], 'traffic': 10 | arms[1].rate | arms[1].rate is 1.0, expected more than 0 and less than 1
                    'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b'}], 'traffic': 10 | arms[1].rate | arms[1].rate is missing, expected a number more than 0 and less than 1
                    ARMS | traffic | traffic is missing, expected the decisions a day
                    ARMS, 'traffic': 100000001 | traffic | traffic is 100000001, expected 1 to 100000000
                    ARMS, 'traffic': 10, 'max_days': 366 | max_days | max_days is 366, expected 1 to 365
                    ARMS, 'traffic': 10, 'delay': 'soon' | delay | delay is "soon", expected a duration such as 30s, 15m, 72h or 7d
                    ARMS, 'traffic': 10, 'look_every': '1s' | look_every | look_every is 1s, expected whole seconds from 1m to 365d
                    ARMS, 'traffic': 10, 'min_allocation': 0.6 | min_allocation | min_allocation is 0.6, expected 0 to 0.5 (1 / 2 arms)
                    ARMS, 'traffic': 10, 'prior': {'beta': 0} | prior.beta | prior.beta is 0.0, expected 1.0E-6 to 1000000
                    ARMS, 'traffic': 10, 'prior': {'alpha': 0.009} | prior.alpha | prior.alpha is 0.009, expected at least 0.01 where it is to be simulated
                    ARMS, 'traffic': 10, 'rule': 'hunch' | rule | rule is "hunch", expected one of posterior, value_remaining, anytime
                    ARMS, 'traffic': 10, 'replications': 5000 | replications | replications is 5000, expected 50 to 2000
                    ARMS, 'traffic': 10, 'max_days': 2 | stop.min_runtime | stop.min_runtime is 72h, expected at most max_days, 2d
                    ARMS, 'traffic': 10, 'stop': {'prob_best': 2} | stop.prob_best | stop.prob_best is 2.0, expected 0 to 1
                    ARMS, 'traffic': 10, 'guardrails': {'min_lift': 0.95} | guardrails.min_lift | guardrails.min_lift is 0.95, expected less than 1 together with the control's rate of 0.1
                    ARMS, 'traffic': 10, 'guardrails': {'power': 0.01} | guardrails.power | guardrails.power is 0.01, expected more than alpha, 0.05
                    """, quoteCharacter = '`')
    void what_cannot_stand_is_told_in_one_sentence(String fields, String field, String detail) {
        String full = fields.replace("ARMS", "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.1}]");
        assertThatThrownBy(() -> plan(full)).isInstanceOfSatisfying(Problem.class, problem -> {
            assertThat(problem.status()).isEqualTo(400);
            assertThat(problem.field()).hasValue(field);
            assertThat(problem.detail()).isEqualTo(detail);
        });
    }

    @Test
    void one_plan_at_a_time() throws InterruptedException {
        PlanDesk desk = new PlanDesk();
        Plan plan = plan(
                "'arms': [{'name': 'a', 'rate': 0.1}, {'name': 'b', 'rate': 0.105}], 'traffic': 2000, 'replications': 60");
        int callers = 8;
        CountDownLatch ready = new CountDownLatch(callers);
        List<@Nullable Integer> statuses = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                ready.countDown();
                try {
                    ready.await();
                    desk.forecast(plan);
                    synchronized (statuses) {
                        statuses.add(200);
                    }
                } catch (Problem e) {
                    synchronized (statuses) {
                        statuses.add(e.status());
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(statuses).hasSize(callers).containsOnly(200, 503).contains(200);
        assertThat(desk.forecast(plan)).isNotNull();
    }

    private static Plan plan(String fields) {
        return JSON.readValue(("{" + fields + "}").replace('\'', '"'), PlanRequest.class)
                .toDomain();
    }
}
