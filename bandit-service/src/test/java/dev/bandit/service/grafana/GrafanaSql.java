package dev.bandit.service.grafana;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Grafana makes of a query before Postgres sees it: the macros of its PostgreSQL data source, and variables, as documented in
 * https://grafana.com/docs/grafana/latest/datasources/postgres/ and .../dashboards/variables/variable-syntax/; those that are used here.
 *
 * @param interval what {@code $__interval} is
 * @param variables the dashboard's, by name
 */
record GrafanaSql(Instant from, Instant to, Duration interval, Map<String, String> variables) {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([a-zA-Z]\\w*)(?::(\\w+))?}");
    private static final Pattern MACRO = Pattern.compile("\\$__(\\w+)\\(([^)]*)\\)");

    /** @throws IllegalArgumentException if something in it is unknown here */
    String expand(String sql) {
        String text = VARIABLE.matcher(sql).replaceAll(match -> Matcher.quoteReplacement(variable(match)));
        text = text.replace("$__interval", interval.toSeconds() + "s");
        text = MACRO.matcher(text).replaceAll(match -> Matcher.quoteReplacement(macro(match)));
        if (text.contains("$")) {
            throw new IllegalArgumentException("a macro or variable unknown here in " + text);
        }
        return text;
    }

    private String variable(MatchResult match) {
        String value = variables.get(match.group(1));
        if (value == null || !"sqlstring".equals(match.group(2))) {
            throw new IllegalArgumentException(match.group() + " is not an escaped variable of the dashboard");
        }
        return "'" + value.replace("'", "''") + "'";
    }

    private String macro(MatchResult match) {
        String[] arguments = match.group(2).split(",", -1);
        String column = arguments[0].strip();
        return switch (match.group(1)) {
            case "timeFilter" -> column + " BETWEEN '" + from + "' AND '" + to + "'";
            case "timeGroup" -> group(column, arguments[1]);
            case "timeGroupAlias" -> group(column, arguments[1]) + " AS \"time\"";
            default -> throw new IllegalArgumentException(match.group() + " is unknown here");
        };
    }

    private static String group(String column, String interval) {
        long seconds = Duration.parse("PT" + interval.strip().toUpperCase(java.util.Locale.ROOT))
                .toSeconds();
        return "floor(extract(epoch from " + column + ")/" + seconds + ")*" + seconds;
    }
}
