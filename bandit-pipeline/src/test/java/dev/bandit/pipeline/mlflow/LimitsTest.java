package dev.bandit.pipeline.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LimitsTest {

    @Test
    void names_that_mlflow_takes_stay() {
        for (String name : new String[] {"rate/arm 1", "p_value", "größe", "a.b-c:d", "a/..b"}) {
            assertThat(Limits.name(name)).isEqualTo(name);
        }
    }

    @Test
    void names_that_it_refuses_fit_and_stay_apart() {
        assertThat(Limits.name("rate/50 % off")).matches("rate/50 _ off-[0-9a-f]{8}");
        assertThat(Limits.name("a?")).isNotEqualTo(Limits.name("a!"));
        assertThat(Limits.name("rate/")).startsWith("rate/_-");
        assertThat(Limits.name("a//b")).startsWith("a/_/b-");
        assertThat(Limits.name("../b")).startsWith("_../b-");
        assertThat(Limits.name("")).startsWith("_-");
        assertThat(Limits.name("x".repeat(300))).hasSize(250).isNotEqualTo(Limits.name("x".repeat(301)));
    }

    @Test
    void long_values_are_cut_and_stay_apart() {
        assertThat(Limits.parameter("x".repeat(7000))).hasSize(6000).isNotEqualTo(Limits.parameter("x".repeat(7001)));
        assertThat(Limits.tag("x".repeat(5000))).hasSize(5000);
        assertThat(Limits.tag("x".repeat(4990) + "😀".repeat(50))
                        .chars()
                        .filter(c -> Character.isSurrogate((char) c))
                        .count())
                .isEven();
    }

    @Test
    void a_key_goes_by_what_is_said_and_not_by_its_order() {
        String key = RunKey.of("replay", Map.of("a", "1", "b", "2"), "data");
        assertThat(key).hasSize(64).isEqualTo(RunKey.of("replay", Map.of("b", "2", "a", "1"), "data"));
        assertThat(key)
                .isNotEqualTo(RunKey.of("replay", Map.of("a", "1", "b", "3"), "data"))
                .isNotEqualTo(RunKey.of("replay", Map.of("a", "1b", "", "2"), "data"))
                .isNotEqualTo(RunKey.of("ope", Map.of("a", "1", "b", "2"), "data"));
    }
}
