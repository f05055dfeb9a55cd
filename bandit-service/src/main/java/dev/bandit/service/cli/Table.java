package dev.bandit.service.cli;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An answer as text: a line for each object of its list, a column for each plain field; then the answer's own plain fields. */
final class Table {

    private Table() {}

    static String of(JsonNode answer) {
        var text = new StringBuilder();
        var rows = rows(answer);
        if (!rows.isEmpty()) {
            appendRows(text, rows);
        }
        answer.properties().stream()
                .filter(field -> field.getValue().isValueNode())
                .forEach(field -> text.append(field.getKey()).append(": ").append(field.getValue().asString()).append('\n'));
        return text.toString();
    }

    /** The objects of the first list in the answer. */
    static JsonNode rows(JsonNode answer) {
        if (answer.isArray()) {
            return answer;
        }
        return answer.valueStream()
                .filter(JsonNode::isArray)
                .findFirst()
                .orElseGet(() -> JsonMapper.shared().createArrayNode());
    }

    private static void appendRows(StringBuilder text, JsonNode rows) {
        var columns = new LinkedHashSet<String>();
        rows.valueStream()
                .flatMap(row -> row.properties().stream())
                .filter(field -> field.getValue().isValueNode())
                .forEach(field -> columns.add(field.getKey()));
        var lines = new ArrayList<List<String>>();
        lines.add(List.copyOf(columns));
        rows.valueStream()
                .map(row -> columns.stream().map(column -> row.path(column).asString("")).toList())
                .forEach(lines::add);
        var widths = new ArrayList<Integer>();
        for (int column = 0; column < columns.size(); column++) {
            int index = column;
            widths.add(lines.stream().mapToInt(line -> line.get(index).length()).max().orElse(0));
        }
        for (var line : lines) {
            var cells = new ArrayList<String>();
            for (int column = 0; column < line.size(); column++) {
                cells.add(("%-" + Math.max(1, widths.get(column)) + "s").formatted(line.get(column)));
            }
            text.append(cells.stream().collect(Collectors.joining("  ")).stripTrailing()).append('\n');
        }
    }
}
