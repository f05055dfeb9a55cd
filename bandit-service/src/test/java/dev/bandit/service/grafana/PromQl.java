package dev.bandit.service.grafana;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads PromQL as https://prometheus.io/docs/prometheus/latest/querying/basics/ and operators/ describe it, without subqueries and
 * the modifiers offset and @, which nothing here uses.
 */
final class PromQl {

    /** How a label has to be. */
    record Match(String operator, String value) {
        boolean accepts(String actual) {
            return switch (operator) {
                case "=" -> actual.equals(value);
                case "!=" -> !actual.equals(value);
                case "=~" -> actual.matches(value);
                default -> !actual.matches(value);
            };
        }
    }

    /** A metric that is read. */
    record Selector(String metric, Map<String, Match> labels) {}

    /** Labels that a part of the expression needs, of every metric inside it. */
    record Grouping(Set<String> labels, List<Selector> of) {}

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*([a-zA-Z_:][a-zA-Z0-9_:]*|[0-9][0-9.]*(?:e[0-9]+)?[a-z]*|\"(?:[^\"\\\\]|\\\\.)*\"|=~|!~|!=|==|>=|<=|.)");
    private static final Set<String> AGGREGATIONS = Set.of("sum", "min", "max", "avg", "count", "stddev", "group");
    /** Those that take a range. */
    private static final Set<String> RANGE_FUNCTIONS = Set.of("rate", "increase", "deriv", "delta", "irate");

    private static final Set<String> FUNCTIONS = Set.of("histogram_quantile", "clamp_min", "clamp_max", "abs");
    private static final List<Set<String>> BINARY = List.of(
            Set.of("or"),
            Set.of("and", "unless"),
            Set.of("==", "!=", ">", "<", ">=", "<="),
            Set.of("+", "-"),
            Set.of("*", "/", "%"));

    private final String text;
    private final List<String> tokens = new ArrayList<>();
    private final List<Selector> selectors = new ArrayList<>();
    private final List<Grouping> groupings = new ArrayList<>();
    private int next;

    private PromQl(String text) {
        this.text = text;
        Matcher matcher = TOKEN.matcher(text.strip());
        while (matcher.lookingAt()) {
            tokens.add(matcher.group(1));
            matcher.region(matcher.end(), matcher.regionEnd());
        }
    }

    /** @throws IllegalArgumentException if it is not PromQL */
    static PromQl parse(String text) {
        PromQl parsed = new PromQl(text);
        parsed.binary(0);
        if (parsed.next < parsed.tokens.size()) {
            throw parsed.wrong("an end");
        }
        return parsed;
    }

    List<Selector> selectors() {
        return selectors;
    }

    List<Grouping> groupings() {
        return groupings;
    }

    private void binary(int level) {
        if (level == BINARY.size()) {
            primary();
            return;
        }
        binary(level + 1);
        while (BINARY.get(level).contains(peek())) {
            take();
            if (peek().equals("bool")) {
                take();
            }
            if (peek().equals("on") || peek().equals("ignoring")) {
                take();
                names();
            }
            binary(level + 1);
        }
    }

    private void primary() {
        String token = take();
        if (token.equals("(")) {
            binary(0);
            expect(")");
        } else if (token.matches("[0-9.e]+")) {
            return;
        } else if (AGGREGATIONS.contains(token)) {
            aggregation();
        } else if (RANGE_FUNCTIONS.contains(token)) {
            expect("(");
            selector(take());
            expect("[");
            if (!take().matches("([0-9]+(ms|[smhdwy]))+")) {
                throw wrong("a duration before this");
            }
            expect("]");
            expect(")");
        } else if (FUNCTIONS.contains(token)) {
            expect("(");
            binary(0);
            while (peek().equals(",")) {
                take();
                binary(0);
            }
            expect(")");
        } else if (token.matches("[a-zA-Z_:].*")) {
            selector(token);
        } else {
            throw wrong("an expression before this");
        }
    }

    private void aggregation() {
        int before = selectors.size();
        Set<String> by = grouping();
        expect("(");
        binary(0);
        expect(")");
        by.addAll(grouping());
        groupings.add(new Grouping(by, List.copyOf(selectors.subList(before, selectors.size()))));
    }

    private Set<String> grouping() {
        if (!peek().equals("by") && !peek().equals("without")) {
            return new TreeSet<>();
        }
        take();
        return names();
    }

    private Set<String> names() {
        Set<String> names = new TreeSet<>();
        expect("(");
        while (!peek().equals(")")) {
            names.add(take());
            if (peek().equals(",")) {
                take();
            }
        }
        expect(")");
        return names;
    }

    private void selector(String metric) {
        Map<String, Match> labels = new LinkedHashMap<>();
        if (peek().equals("{")) {
            take();
            while (!peek().equals("}")) {
                String label = take();
                String operator = take();
                String value = take();
                if (!Set.of("=", "!=", "=~", "!~").contains(operator) || !value.startsWith("\"")) {
                    throw wrong("label=\"value\" before this");
                }
                labels.put(label, new Match(operator, value.substring(1, value.length() - 1)));
                if (peek().equals(",")) {
                    take();
                }
            }
            expect("}");
        }
        selectors.add(new Selector(metric, labels));
    }

    private String peek() {
        return next < tokens.size() ? tokens.get(next) : "";
    }

    private String take() {
        if (next == tokens.size()) {
            throw wrong("more");
        }
        return tokens.get(next++);
    }

    private void expect(String token) {
        if (!peek().equals(token)) {
            throw wrong(token);
        }
        next++;
    }

    private IllegalArgumentException wrong(String expected) {
        return new IllegalArgumentException(
                "expected " + expected + " at '" + peek() + "', the token " + next + " of " + text);
    }
}
