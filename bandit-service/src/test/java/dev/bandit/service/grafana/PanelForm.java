package dev.bandit.service.grafana;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What a panel needs of the rows that its queries find. */
final class PanelForm {

    private PanelForm() {}

    /** What Grafana asks of a time series: a time, ascending; numbers; and texts that become labels. */
    static void series(JsonNode panel, List<String> columns, List<Map<String, Object>> rows) {
        String title = panel.get("title").asString();
        assertThat(columns).as(title).startsWith("time", "variant").hasSizeGreaterThan(2);
        List<Double> times = rows.stream()
                .map(row -> ((Number) row.get("time")).doubleValue())
                .toList();
        assertThat(times).as(title).isSorted();
        rows.forEach(row -> columns.forEach(column -> {
            if (column.equals("variant")) {
                assertThat(row.get(column)).isInstanceOf(String.class);
            } else {
                assertThat(row.get(column)).as(title).isInstanceOf(Number.class);
            }
        }));
        assertThat(panel.at("/fieldConfig/defaults/displayName").asString()).isEqualTo("${__field.labels.variant}");
    }

    /** The fields that options, transformations and overrides name are there. */
    static void fields(JsonNode panel, Set<String> columns, Set<String> arms) {
        String title = panel.get("title").asString();
        Set<String> fields = new TreeSet<>(columns);
        for (JsonNode step : panel.path("transformations")) {
            JsonNode options = step.get("options");
            if (step.get("id").asString().equals("groupingToMatrix")) {
                String row = options.get("rowField").asString();
                String column = options.get("columnField").asString();
                assertThat(columns)
                        .containsExactlyInAnyOrder(
                                row, column, options.get("valueField").asString());
                fields = new TreeSet<>(arms);
                fields.add(row + "\\" + column);
            } else {
                assertThat(step.get("id").asString()).isEqualTo("organize");
                for (Map.Entry<String, JsonNode> name :
                        options.get("renameByName").properties()) {
                    assertThat(fields.remove(name.getKey())).as(name.getKey()).isTrue();
                    fields.add(name.getValue().asString());
                }
            }
        }
        for (JsonNode override : panel.at("/fieldConfig/overrides")) {
            String text = override.at("/matcher/options").asString();
            switch (override.at("/matcher/id").asString()) {
                case "byName" -> assertThat(fields).as(title).contains(text);
                case "byRegexp" -> assertThat(matching(text, fields)).as(title).isNotEmpty();
                default ->
                    assertThat(panel.get("targets").findValuesAsString("refId"))
                            .as(title)
                            .contains(text);
            }
        }
        String reduced = panel.at("/options/reduceOptions/fields").asString("");
        if (!reduced.isEmpty()) {
            assertThat(matching(reduced, fields)).as(title).hasSize(1);
        }
        if (panel.at("/options/xField").isString()) {
            assertThat(fields).as(title).contains(panel.at("/options/xField").asString());
        }
    }

    private static List<String> matching(String slashed, Set<String> fields) {
        Pattern pattern = Pattern.compile(slashed.substring(1, slashed.length() - 1));
        return fields.stream().filter(pattern.asPredicate()).toList();
    }
}
