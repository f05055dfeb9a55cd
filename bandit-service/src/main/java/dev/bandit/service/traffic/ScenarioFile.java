package dev.bandit.service.traffic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads of experiments.yaml what traffic needs, and no more: whether the file is right is not decided here. */
final class ScenarioFile {

    private ScenarioFile() {}

    static Scenario read(Path file) {
        Object root;
        try (var text = Files.newBufferedReader(file)) {
            root = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
        } catch (IOException e) {
            throw new TrafficFailed("%s: cannot be read, expected an experiments.yaml".formatted(file), e);
        } catch (YAMLException e) {
            throw new TrafficFailed("%s: is no YAML: %s".formatted(file, e.getMessage()), e);
        }
        var kafka = map(map(root).get("kafka"));
        var tests = new ArrayList<Scenario.Test>();
        for (var entry : list(map(root).get("tests"))) {
            tests.add(test(file, map(entry)));
        }
        if (tests.isEmpty()) {
            throw new TrafficFailed("%s: has no tests, expected at least one".formatted(file));
        }
        return new Scenario(
                kafka.get("brokers") == null ? null : String.valueOf(kafka.get("brokers")),
                text(kafka, "events_topic", Scenario.DEFAULT_TOPIC),
                tests);
    }

    private static Scenario.Test test(Path file, Map<?, ?> test) {
        var id = text(test, "test_id", "");
        var entries = list(test.get("variants"));
        var variants = new ArrayList<Scenario.Variant>();
        for (var entry : entries) {
            var variant = map(entry);
            var allocation =
                    variant.get("allocation") instanceof Number given ? given.doubleValue() : 1.0 / entries.size();
            if (text(variant, "name", "").isEmpty() || !(allocation >= 0 && allocation < Double.POSITIVE_INFINITY)) {
                throw new TrafficFailed(
                        "%s: test %s has a variant without a name, or with an allocation below 0".formatted(file, id));
            }
            variants.add(new Scenario.Variant(text(variant, "name", ""), allocation));
        }
        if (id.isEmpty()
                || !(variants.stream().mapToDouble(Scenario.Variant::allocation).sum() > 0)) {
            throw new TrafficFailed("%s: has a test without test_id or variants, expected both".formatted(file));
        }
        return new Scenario.Test(
                id,
                text(test, "exposure_event", "ButtonDisplayed"),
                text(test, "success_event", "ButtonClicked"),
                variants);
    }

    private static String text(Map<?, ?> map, String key, String otherwise) {
        return map.get(key) == null ? otherwise : String.valueOf(map.get(key));
    }

    private static Map<?, ?> map(@Nullable Object node) {
        return node instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<?> list(@Nullable Object node) {
        return node instanceof List<?> list ? list : List.of();
    }
}
