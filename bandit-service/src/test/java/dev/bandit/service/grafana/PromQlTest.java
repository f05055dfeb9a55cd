package dev.bandit.service.grafana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bandit.service.grafana.PromQl.Grouping;
import dev.bandit.service.grafana.PromQl.Match;
import dev.bandit.service.grafana.PromQl.Selector;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromQlTest {

    @Test
    void metrics_labels_and_groupings_are_found() {
        PromQl parsed = PromQl.parse(
                "histogram_quantile(0.99, sum by (le, uri) (rate(a_bucket{uri=~\"/s|/r\", status!=\"500\"}[5m])))"
                        + " > on (uri) max(b) without (x) and c");

        assertThat(parsed.selectors())
                .containsExactly(
                        new Selector(
                                "a_bucket", Map.of("uri", new Match("=~", "/s|/r"), "status", new Match("!=", "500"))),
                        new Selector("b", Map.of()),
                        new Selector("c", Map.of()));
        assertThat(parsed.groupings()).extracting(Grouping::labels).containsExactly(Set.of("le", "uri"), Set.of("x"));
        assertThat(parsed.groupings().getFirst().of())
                .extracting(Selector::metric)
                .containsExactly("a_bucket");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sum(a",
                "rate(a)",
                "rate(a[5q])",
                "a{b}",
                "a{b=c}",
                "a b",
                "sum by (le (a)",
                "a +",
                "a)",
                "nonsense(a)"
            })
    void what_is_not_promql_is_refused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> PromQl.parse(text));
    }
}
