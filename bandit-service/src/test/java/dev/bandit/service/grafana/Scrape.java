package dev.bandit.service.grafana;

import dev.bandit.service.grafana.PromQl.Match;
import dev.bandit.service.grafana.PromQl.Selector;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The series of one scrape, as Prometheus keeps them: with the labels of the target, and with its own metric {@code up}. */
record Scrape(Map<String, List<Map<String, String>>> series) {

    private static final Pattern LINE = Pattern.compile("(\\w+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Map<String, String> TARGET = Map.of("job", "bandit", "instance", "localhost:8080");

    static Scrape of(String url) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return parse(client.send(
                            HttpRequest.newBuilder(URI.create(url + "/actuator/prometheus"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body());
        }
    }

    static Scrape parse(String text) {
        Map<String, List<Map<String, String>>> series = new HashMap<>();
        series.put("up", List.of(TARGET));
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not a line of Prometheus' format: " + line);
            }
            Map<String, String> labels = new HashMap<>(TARGET);
            if (matcher.group(2) != null) {
                LABEL.matcher(matcher.group(2)).results().forEach(label -> labels.put(label.group(1), label.group(2)));
            }
            series.merge(
                    matcher.group(1),
                    List.of(labels),
                    (before, more) ->
                            Stream.concat(before.stream(), more.stream()).toList());
        });
        return new Scrape(series);
    }

    boolean has(String metric) {
        return series.containsKey(metric);
    }

    /** Whether a series of the metric has all labels of the selector, with values that it accepts. */
    boolean matches(Selector selector) {
        return series.getOrDefault(selector.metric(), List.of()).stream()
                .anyMatch(labels -> selector.labels().entrySet().stream().allMatch(entry -> {
                    String value = labels.get(entry.getKey());
                    Match match = entry.getValue();
                    return value != null && match.accepts(value);
                }));
    }

    /** Whether each series of the metric has those labels. */
    boolean isLabelled(String metric, Set<String> names) {
        return series.getOrDefault(metric, List.of()).stream()
                .allMatch(labels -> labels.keySet().containsAll(names));
    }
}
