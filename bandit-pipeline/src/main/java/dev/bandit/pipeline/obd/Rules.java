package dev.bandit.pipeline.obd;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a row of a log must be, as SQL over columns of these types: numbers as DOUBLE (so that 1.5 is not taken for 2), the timestamp,
 * and texts. There is one set of rules, for the quick way and for the thorough one.
 *
 * @param items how many there are, and affinities
 */
record Rules(int items) {

    static final String FIELDS = "wrong number of fields";
    static final String QUOTES = "quotation mark out of place";
    static final String ENCODING = "not UTF-8";
    static final String TWICE = "index for the second time";

    /** A double has no more whole numbers than these. */
    private static final String MOST_ROWS = "9007199254740992";

    private record Rule(String holds, String otherwise) {}

    private List<Rule> rules() {
        return List.of(
                new Rule(
                        "\"row\" = floor(\"row\") AND \"row\" >= 0 AND \"row\" < " + MOST_ROWS,
                        "index is no whole number"),
                new Rule("isfinite(\"timestamp\")", "timestamp is missing or unreadable"),
                new Rule(
                        "item_id = floor(item_id) AND item_id >= 0 AND item_id < " + items,
                        "item_id is not in the item context"),
                new Rule("position IN (1, 2, 3)", "position is not 1, 2 or 3"),
                new Rule("click IN (0, 1)", "click is not 0 or 1"),
                new Rule(
                        "propensity_score > 0 AND propensity_score <= 1",
                        "propensity_score is not above 0 and at most 1"),
                new Rule(
                        features()
                                .map(feature -> "NOT contains(coalesce(" + feature + ", ''), chr(10))")
                                .collect(Collectors.joining(" AND ")),
                        "user feature has a line break"),
                new Rule(
                        "isfinite("
                                + Columns.affinities(items)
                                        .map(affinity -> "coalesce(" + affinity + ", 0)")
                                        .collect(Collectors.joining(" + "))
                                + ")",
                        "affinity is not a finite number"));
    }

    /** SQL for whether everything holds. */
    String holds() {
        return rules().stream()
                .map(rule -> "coalesce(" + rule.holds() + ", false)")
                .collect(Collectors.joining(" AND "));
    }

    /** SQL for the first rule that does not hold; NULL if all do. */
    String reason() {
        return rules().stream()
                .map(rule -> " WHEN NOT coalesce(%s, false) THEN '%s'".formatted(rule.holds(), rule.otherwise()))
                .collect(Collectors.joining("", "CASE", " END"));
    }

    /** The columns of a CSV file with their types, as read_csv wants to be told. */
    String typed() {
        return Columns.log(items).stream()
                .map(name -> struct(name, type(name)))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** The same as texts, after the number of the line. */
    String texts() {
        return Stream.concat(
                        Stream.of(struct("line", "BIGINT")),
                        Columns.log(items).stream().map(name -> struct(name, "VARCHAR")))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** SQL that makes texts into the types; what is unreadable becomes NULL, or NaN where NULL is allowed. */
    String fromTexts() {
        return Columns.log(items).stream()
                .map(name -> {
                    if (type(name).equals("VARCHAR")) {
                        return name;
                    }
                    String typed = "TRY_CAST(\"%s\" AS %s)".formatted(name, type(name));
                    return name.startsWith("user_item")
                            ? "CASE WHEN %s IS NOT NULL THEN coalesce(%s, 'nan') END AS %1$s".formatted(name, typed)
                            : typed + " AS \"" + name + '"';
                })
                .collect(Collectors.joining(", "));
    }

    /** SQL for the columns as silver has them. */
    String stored() {
        Map<String, String> whole =
                Map.of("row", "BIGINT", "item_id", "SMALLINT", "position", "TINYINT", "click", "TINYINT");
        return Columns.log(items).stream()
                .map(name -> whole.containsKey(name)
                        ? "CAST(\"%s\" AS %s) AS \"%1$s\"".formatted(name, whole.get(name))
                        : '"' + name + '"')
                .collect(Collectors.joining(", "));
    }

    private static Stream<String> features() {
        return IntStream.range(0, 4).mapToObj(i -> "user_feature_" + i);
    }

    private static String type(String column) {
        if (column.equals("timestamp")) {
            return "TIMESTAMPTZ";
        }
        return column.startsWith("user_feature") ? "VARCHAR" : "DOUBLE";
    }

    private static String struct(String name, String type) {
        return "'" + name + "': '" + type + "'";
    }
}
