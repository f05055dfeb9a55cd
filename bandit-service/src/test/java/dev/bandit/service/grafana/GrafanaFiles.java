package dev.bandit.service.grafana;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is in {@code grafana/}. */
final class GrafanaFiles {

    static final Path FOLDER = Path.of("../grafana");
    static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * A PromQL expression.
     *
     * @param texts legends and the like, which may name labels of the result
     */
    record Expression(String where, String expr, String texts) {}

    private GrafanaFiles() {}

    static String text(String file) {
        try {
            return Files.readString(FOLDER.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode dashboard(String name) {
        return JSON.readTree(text("dashboards/" + name + ".json"));
    }

    static JsonNode yaml(String file) {
        return JSON.valueToTree(new Yaml().load(text("provisioning/" + file)));
    }

    static List<JsonNode> dashboards() {
        return Stream.of("posteriors", "operations")
                .map(GrafanaFiles::dashboard)
                .toList();
    }

    static List<JsonNode> panels(JsonNode dashboard) {
        return dashboard.get("panels").valueStream().toList();
    }

    static List<JsonNode> rules() {
        return yaml("alerting/rules.yaml").at("/groups/0/rules").valueStream().toList();
    }

    /** Of panels and alerts, with the variables as for all replicas and a step of 15 s. */
    static List<Expression> expressions() {
        List<Expression> all = new ArrayList<>();
        for (JsonNode dashboard : dashboards()) {
            for (JsonNode panel : panels(dashboard)) {
                for (JsonNode target : panel.path("targets")) {
                    if (target.has("expr")) {
                        all.add(new Expression(
                                "panel " + panel.get("title").asString(),
                                expand(target.get("expr").asString()),
                                target.path("legendFormat").asString("")));
                    }
                }
            }
        }
        for (JsonNode rule : rules()) {
            all.add(new Expression(
                    "alert " + rule.get("title").asString(),
                    rule.at("/data/0/model/expr").asString(),
                    rule.get("annotations").toString()));
        }
        return all;
    }

    private static String expand(String expr) {
        String expanded = expr;
        for (Map.Entry<String, String> variable :
                Map.of("$__rate_interval", "1m", "$instance", ".*").entrySet()) {
            expanded = expanded.replace(variable.getKey(), variable.getValue());
        }
        return expanded;
    }
}
