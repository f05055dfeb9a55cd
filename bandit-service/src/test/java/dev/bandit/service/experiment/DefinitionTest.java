package dev.bandit.service.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.service.experiment.Definition.DecisionAck;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Definition.Guardrails;
import dev.bandit.service.experiment.Definition.OnRegression;
import dev.bandit.service.experiment.Definition.PolicyName;
import dev.bandit.service.experiment.Definition.Prior;
import dev.bandit.service.experiment.Definition.RewardAck;
import dev.bandit.service.experiment.Definition.Stop;
import dev.bandit.service.experiment.Definition.Variant;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefinitionTest {

    private static Definition read(String json) {
        return StoredDefinition.read(json);
    }

    @Test
    void everything_but_the_arms_has_a_default() {
        Definition definition = read("{'variants':[{'name':'a'},{'name':'b'}]}".replace('\'', '"'));

        assertThat(definition)
                .isEqualTo(new Definition(
                        PolicyName.THOMPSON,
                        0.1,
                        new Prior(1, 1),
                        Feedback.EXPLICIT,
                        null,
                        null,
                        null,
                        Variants.equal("a", "b"),
                        0,
                        null,
                        RewardAck.STORE,
                        DecisionAck.JOURNAL,
                        new Guardrails(0.02, 0.25, 0.05, 0.8, OnRegression.REPORT),
                        new Stop(0.95, 0.001, null, 100, Duration.ofHours(72), false)));
        assertThat(definition).isEqualTo(Definition.of(Variants.equal("a", "b")));
    }

    @Test
    void part_of_a_nested_object_leaves_the_rest_of_it_at_its_defaults() {
        Definition definition = read("""
                {"variants":[{"name":"a"},{"name":"b"}],"stop":{"prob_best":0.9},"prior":{"beta":3},"guardrails":{"power":0.9}}""");

        assertThat(definition.stop()).isEqualTo(new Stop(0.9, 0.001, null, 100, Duration.ofHours(72), false));
        assertThat(definition.prior()).isEqualTo(new Prior(1, 3));
        assertThat(definition.guardrails()).isEqualTo(new Guardrails(0.02, 0.25, 0.05, 0.9, OnRegression.REPORT));
    }

    @Test
    void what_is_written_reads_back_the_same() {
        Definition full = Definition.of(Variants.of(List.of(
                        new Variant("a", 0.1, false), new Variant("b", 0.2, true), new Variant("c", 0.7, false))))
                .toBuilder()
                .policy(PolicyName.EPSILON_GREEDY)
                .epsilon(0.3)
                .prior(new Prior(0.000001, 123456.789012))
                .feedback(Feedback.WINDOW)
                .window(Duration.ofSeconds(90))
                .exposureEvent("Shown")
                .successEvent("Geklickt ✓")
                .minAllocation(1.0 / 3)
                .stickyTtl(Duration.ofDays(30))
                .rewardAck(RewardAck.LEDGER)
                .decisionAck(DecisionAck.ASYNC)
                .guardrails(new Guardrails(0.1, 1.5, 0.01, 0.95, OnRegression.CONTROL))
                .stop(new Stop(0.99, 1e-9, 0.01, 5, Duration.ZERO, true))
                .build();

        assertThat(read(StoredDefinition.write(full))).isEqualTo(full);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 49, 1_000, 10_000})
    void equal_shares_of_any_number_of_arms_read_back_the_same(int arms) {
        String[] names = IntStream.range(0, arms).mapToObj(i -> "arm-" + i).toArray(String[]::new);
        Definition definition = Definition.of(Variants.equal(names)).toBuilder()
                .minAllocation(1.0 / arms)
                .build();

        assertThat(read(StoredDefinition.write(definition))).isEqualTo(definition);
    }

    @Test
    void shares_that_miss_one_by_a_rounding_are_scaled() {
        Variants variants = Variants.of(List.of(
                new Variant("a", 0.333333, false),
                new Variant("b", 0.333333, false),
                new Variant("c", 0.333333, false)));

        assertThat(IntStream.range(0, 3)
                        .mapToDouble(i -> variants.allocations()[i])
                        .sum())
                .isCloseTo(1, within(1e-15));
        assertThat(Variants.of(new ArrayList<>(variants))).isEqualTo(variants);
    }

    @Test
    void arm_may_have_no_share_at_all() {
        Variants variants = Variants.of(List.of(new Variant("a", 1, false), new Variant("b", 0, false)));

        assertThat(variants.allocations()).containsExactly(1, 0);
    }

    @Test
    void first_arm_is_the_control_unless_another_says_so() {
        assertThat(Variants.equal("a", "b").control()).isZero();
        Variants second = Variants.of(List.of(new Variant("a", 0.5, false), new Variant("b", 0.5, true)));
        assertThat(second.control()).isEqualTo(1);
        assertThat(second.get(0).control()).isFalse();
        assertThat(second.get(1).control()).isTrue();
    }

    @Test
    void arms_are_found_by_their_names() {
        Definition definition = Definition.of(Variants.equal("a", "b", "c"));

        assertThat(definition.armIndex("c")).hasValue(2);
        assertThat(definition.armIndex("d")).isEmpty();
        assertThat(definition.variants().names()).containsExactly("a", "b", "c");
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            policy                                    | "random"        | policy                           | expected one of thompson, top_two, fixed, epsilon_greedy
            policy                                    | "THOMPSON"      | policy                           | expected one of thompson
            policy                                    | ""              | policy                           | expected one of thompson
            feedback                                  | "implicit"      | feedback                         | expected one of explicit, exposure, window
            reward_ack                                | "disk"          | reward_ack                       | expected one of store, ledger
            decision_ack                              | "ledger"        | decision_ack                     | expected one of journal, store, async
            epsilon                                   | -0.1            | epsilon                          | is -0.1, expected 0 to 1
            epsilon                                   | 1.1             | epsilon                          | is 1.1, expected 0 to 1
            epsilon                                   | 1e400           | epsilon                          | is Infinity, expected 0 to 1
            epsilon                                   | "NaN"           | epsilon                          | is NaN, expected 0 to 1
            prior                                     | {"alpha":0}     | prior.alpha                      | is 0.0, expected 1.0E-6 to 1000000
            prior                                     | {"alpha":-1}    | prior.alpha                      | expected 1.0E-6 to 1000000
            prior                                     | {"alpha":1e7}   | prior.alpha                      | expected 1.0E-6 to 1000000
            prior                                     | {"beta":0}      | prior.beta                       | expected 1.0E-6 to 1000000
            prior                                     | {"beta":1.0000001} | prior.beta                    | expected a multiple of 0.000001
            prior                                     | {"beta":"NaN"}  | prior.beta                       | is NaN
            min_allocation                            | 0.51            | min_allocation                   | is 0.51, expected 0 to 0.5 (1 / 2 arms)
            min_allocation                            | -0.01           | min_allocation                   | expected 0 to 0.5
            min_allocation                            | "NaN"           | min_allocation                   | is NaN
            window                                    | "15m"           | window                           | expected none with feedback explicit
            sticky_ttl                                | "0s"            | sticky_ttl                       | expected whole seconds from 1s to 365d
            sticky_ttl                                | "366d"          | sticky_ttl                       | expected whole seconds from 1s to 365d
            sticky_ttl                                | "1 day"         | sticky_ttl                       | expected a duration such as 30s, 15m, 72h or 7d
            sticky_ttl                                | "PT24H"         | sticky_ttl                       | expected a duration
            sticky_ttl                                | "-5m"           | sticky_ttl                       | expected a duration
            sticky_ttl                                | "1.5h"          | sticky_ttl                       | expected a duration
            sticky_ttl                                | "9999999999s"   | sticky_ttl                       | expected a duration
            exposure_event                            | ""              | exposure_event                   | expected 1 to 256 characters
            exposure_event                            | " "             | exposure_event                   | expected 1 to 256 characters
            exposure_event                            | "a\\u0000b"    | exposure_event                   | no control characters
            success_event                             | "\\ud800"      | success_event                    | no control characters
            guardrails                                | {"min_lift":-0.1} | guardrails.min_lift            | expected 0 to 1
            guardrails                                | {"min_lift":"NaN"} | guardrails.min_lift           | is NaN
            guardrails                                | {"max_latency_regression":101} | guardrails.max_latency_regression | expected 0 to 100
            guardrails                                | {"alpha":0}     | guardrails.alpha                 | expected more than 0 and less than 1
            guardrails                                | {"alpha":1}     | guardrails.alpha                 | expected more than 0 and less than 1
            guardrails                                | {"power":1}     | guardrails.power                 | expected more than 0 and less than 1
            guardrails                                | {"power":"NaN"} | guardrails.power                 | is NaN
            stop                                      | {"prob_best":1.01} | stop.prob_best                | expected 0 to 1
            stop                                      | {"prob_best":"NaN"} | stop.prob_best               | is NaN
            stop                                      | {"max_expected_loss":-1} | stop.max_expected_loss  | expected 0 to 1
            stop                                      | {"min_decisions_per_arm":-1} | stop.min_decisions_per_arm | expected 0 to 1000000000000
            stop                                      | {"min_runtime":"3651d"} | stop.min_runtime         | expected whole seconds from 0s to 3650d
            stop                                      | {"min_runtime":"soon"} | stop.min_runtime          | expected a duration
            variants                                  | []              | variants                         | has 0 arms, expected 2 to 10000
            variants                                  | [{"name":"a"}]  | variants                         | has 1 arms, expected 2 to 10000
            variants                                  | [{"name":"a"},null] | variants[1]                  | is null
            variants                                  | [{"name":"a"},{}] | variants[1].name               | is missing
            variants                                  | [{"name":"a"},{"name":""}] | variants[1].name      | expected 1 to 128 letters
            variants                                  | [{"name":"a"},{"name":"b c"}] | variants[1].name   | is "b c", expected 1 to 128 letters
            variants                                  | [{"name":"a"},{"name":"ä"}] | variants[1].name     | expected 1 to 128 letters
            variants                                  | [{"name":"a"},{"name":"a"}] | variants[1].name     | the name of variants[0] too
            variants                                  | [{"name":"a","control":true},{"name":"b","control":true}] | variants[1].control | expected at most one control
            variants                                  | [{"name":"a","allocation":1},{"name":"b"}] | variants[1].allocation | is missing, expected an allocation for every arm or for none
            variants                                  | [{"name":"a"},{"name":"b","allocation":1}] | variants[1].allocation | is 1.0, expected an allocation for every arm or for none
            variants                                  | [{"name":"a","allocation":0.5},{"name":"b","allocation":0.4}] | variants | sum to 0.9, expected a sum of 1
            variants                                  | [{"name":"a","allocation":1.5},{"name":"b","allocation":-0.5}] | variants[0].allocation | is 1.5, expected 0 to 1
            variants                                  | [{"name":"a","allocation":1},{"name":"b","allocation":-0.1}] | variants[1].allocation | is -0.1, expected 0 to 1
            variants                                  | [{"name":"a","allocation":0.5},{"name":"b","allocation":0.500002}] | variants | expected a sum of 1
            """)
    void refuses(String field, String value, String path, String expected) {
        String arms = field.equals("variants") ? "" : "\"variants\":[{\"name\":\"a\"},{\"name\":\"b\"}],";

        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(() -> read("{" + arms + "\"" + field + "\":" + value + "}"))
                .satisfies(refused -> {
                    assertThat(refused.status()).isEqualTo(400);
                    assertThat(refused.field()).contains(path);
                    assertThat(refused.detail()).startsWith(path + " ").contains(expected);
                });
    }

    @Test
    void refuses_a_definition_without_arms() {
        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(() -> read("{}"))
                .satisfies(refused -> assertThat(refused.field()).contains("variants"));
    }

    @Test
    void refuses_more_arms_than_anyone_can_tell_apart() {
        String[] names = IntStream.range(0, 10_001).mapToObj(i -> "arm-" + i).toArray(String[]::new);

        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(() -> Variants.equal(names))
                .withMessageContaining("has 10001 arms");
    }

    @Test
    void window_is_there_exactly_with_feedback_window() {
        String arms = "\"variants\":[{\"name\":\"a\"},{\"name\":\"b\"}]";

        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(() -> read("{" + arms + ",\"feedback\":\"window\"}"))
                .withMessageContaining("window is missing");
        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(() -> read("{" + arms + ",\"feedback\":\"window\",\"window\":\"31d\"}"))
                .withMessageContaining("window is 31d, expected whole seconds from 1s to 30d");
        assertThat(read("{" + arms + ",\"feedback\":\"window\",\"window\":\"30d\"}")
                        .window())
                .isEqualTo(Duration.ofDays(30));
    }

    @Test
    void exposure_and_success_are_different_events() {
        DefinitionBuilder builder = Definition.of(Variants.equal("a", "b")).toBuilder()
                .exposureEvent("Shown")
                .successEvent("Shown");

        assertThatExceptionOfType(InvalidDefinition.class)
                .isThrownBy(builder::build)
                .withMessageContaining("success_event is \"Shown\"");
    }

    @Test
    void refusal_inside_something_larger_names_the_whole_path() {
        InvalidDefinition refused = new InvalidDefinition("prior.alpha", "is 0, expected more").inside("tests[2]");

        assertThat(refused.field()).contains("tests[2].prior.alpha");
        assertThat(refused.detail()).isEqualTo("tests[2].prior.alpha is 0, expected more");
    }
}
