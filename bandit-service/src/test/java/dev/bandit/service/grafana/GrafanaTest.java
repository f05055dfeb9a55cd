package dev.bandit.service.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What can be said of {@code grafana/} without a server; {@link GrafanaIT} runs its queries. */
class GrafanaTest {

    private static final Set<String> SOURCES = Set.of("bandit-postgres", "bandit-prometheus");

    /** Made from the types that Grafana publishes, by grafana/schema. */
    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(GrafanaFiles.JSON.readTree(GrafanaFiles.text("schema/dashboard.schema.json")));

    @ParameterizedTest
    @ValueSource(strings = {"posteriors", "operations"})
    void a_dashboard_has_the_types_of_grafana(String name) {
        assertThat(problems(GrafanaFiles.dashboard(name))).isEmpty();
    }

    /** That the schema has teeth. */
    @ParameterizedTest
    @CsvSource({
        "'', rows",
        "/panels/0/options, sparkline",
        "/panels/0/fieldConfig/defaults, units",
        "/panels/0/targets/0, sql",
        "/panels/7/fieldConfig/defaults/custom, linesWidth",
        "/annotations/list/0, query",
        "/templating/list/0, regexp"
    })
    void a_field_that_grafana_does_not_know_is_found(String where, String field) {
        JsonNode dashboard = GrafanaFiles.dashboard("posteriors");
        ((ObjectNode) dashboard.at(where)).put(field, "x");

        assertThat(problems(dashboard)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"posteriors", "operations"})
    void every_panel_says_what_it_is_has_an_id_a_place_and_a_unit_where_there_are_numbers(String name) {
        JsonNode dashboard = GrafanaFiles.dashboard(name);
        assertThat(dashboard.get("uid").asString()).isEqualTo("bandit-" + name);
        Set<Integer> ids = new HashSet<>();
        Set<Long> cells = new HashSet<>();
        for (JsonNode panel : GrafanaFiles.panels(dashboard)) {
            String title = panel.get("title").asString();
            assertThat(ids.add(panel.get("id").asInt())).as(title).isTrue();
            assertThat(place(panel.get("gridPos")).stream().allMatch(cells::add))
                    .as("%s has its place for itself", title)
                    .isTrue();
            if (panel.get("type").asString().equals("row")) {
                continue;
            }
            assertThat(panel.get("description").asString()).as(title).isNotBlank();
            if (panel.get("type").asString().equals("timeseries")) {
                assertThat(panel.at("/fieldConfig/defaults/unit").isString())
                        .as(title)
                        .isTrue();
            }
        }
    }

    @Test
    void every_query_names_a_data_source_that_is_provisioned() {
        assertThat(GrafanaFiles.yaml("datasources/bandit.yaml")
                        .get("datasources")
                        .valueStream()
                        .map(source -> source.get("uid").asString()))
                .containsExactlyInAnyOrderElementsOf(SOURCES);
        for (JsonNode dashboard : GrafanaFiles.dashboards()) {
            List<JsonNode> named = dashboard.findValues("datasource");
            assertThat(named)
                    .isNotEmpty()
                    .allMatch(source -> SOURCES.contains(source.get("uid").asString()));
        }
        for (JsonNode rule : GrafanaFiles.rules()) {
            assertThat(rule.at("/data/0/datasourceUid").asString()).isEqualTo("bandit-prometheus");
            assertThat(rule.at("/data/1/datasourceUid").asString()).isEqualTo("__expr__");
        }
    }

    @Test
    void addresses_and_logins_come_from_the_environment() {
        for (JsonNode source : GrafanaFiles.yaml("datasources/bandit.yaml").get("datasources")) {
            for (String field : List.of("/url", "/user", "/jsonData/database", "/secureJsonData/password")) {
                JsonNode value = source.at(field);
                if (!value.isMissingNode()) {
                    assertThat(value.asString()).matches("\\$\\{BANDIT_[A-Z_]+}");
                    assertThat(GrafanaFiles.text("README.md"))
                            .contains(value.asString().replaceAll("\\W", ""));
                }
            }
        }
    }

    @Test
    void every_alert_fires_on_a_threshold_of_its_own_query() {
        Set<String> uids = new HashSet<>();
        for (JsonNode rule : GrafanaFiles.rules()) {
            String title = rule.get("title").asString();
            assertThat(uids.add(rule.get("uid").asString())).as(title).isTrue();
            assertThat(rule.get("uid").asString()).hasSizeLessThanOrEqualTo(40);
            assertThat(rule.get("for").asString()).as(title).matches("\\d+[sm]");
            assertThat(rule.get("condition").asString())
                    .isEqualTo(rule.at("/data/1/refId").asString());
            assertThat(rule.at("/data/1/model/expression").asString())
                    .isEqualTo(rule.at("/data/0/refId").asString());
            assertThat(rule.at("/data/1/model/conditions/0/evaluator/params/0").isNumber())
                    .as(title)
                    .isTrue();
            assertThat(rule.at("/labels/severity").asString()).as(title).isIn("warning", "critical");
        }
    }

    @Test
    void every_metric_of_the_operations_page_that_has_an_alert_there_has_a_rule() throws IOException {
        String rules = GrafanaFiles.text("provisioning/alerting/rules.yaml");
        assertThat(Files.readString(Path.of("../docs/operations.md"))
                        .lines()
                        .filter(line -> line.startsWith("| `bandit_") && line.matches(".*(>|<|=|grow|NaN|1:).*"))
                        .map(line -> line.replaceFirst("\\| `(bandit_\\w+?)(_\\*)?[`{].*", "$1")))
                .isNotEmpty()
                .allSatisfy(metric ->
                        assertThat(RENAMED.getOrDefault(metric, metric)).isSubstringOf(rules));
    }

    /** Where the page's line begins with another metric than the one to alert on. */
    private static final java.util.Map<String, String> RENAMED = java.util.Map.of(
            "bandit_decisions_total", "bandit_decisions_degraded_total",
            "bandit_rebuilds_total", "bandit_fence_refusals_total",
            "bandit_relay_batch", "bandit_relay_failures_total");

    /** For promtool, which CI asks where there is one. */
    @Test
    void the_expressions_are_left_as_rules_of_prometheus() throws IOException {
        StringBuilder rules = new StringBuilder("groups:\n  - name: bandit\n    rules:\n");
        int number = 0;
        for (GrafanaFiles.Expression expression : GrafanaFiles.expressions()) {
            rules.append("      - {record: 'panel:")
                    .append(number++)
                    .append("', expr: '")
                    .append(expression.expr().replace("'", "''"))
                    .append("'}\n");
        }
        Files.writeString(Path.of("target/grafana-rules.yaml"), rules);
        assertThat(number).isGreaterThan(50);
    }

    private static List<String> problems(JsonNode dashboard) {
        return SCHEMA.validate(dashboard).stream().map(Error::toString).toList();
    }

    /** The cells of the grid that a panel covers. */
    private static List<Long> place(JsonNode grid) {
        int x = grid.get("x").asInt();
        int w = grid.get("w").asInt();
        assertThat(x + w).isLessThanOrEqualTo(24);
        List<Long> cells = new ArrayList<>();
        for (int y = grid.get("y").asInt();
                y < grid.get("y").asInt() + grid.get("h").asInt();
                y++) {
            long row = y * 24L;
            IntStream.range(x, x + w).forEach(column -> cells.add(row + column));
        }
        return cells;
    }
}
