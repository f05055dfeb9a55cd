package dev.bandit.pipeline.pipes;

import static dev.bandit.pipeline.testing.DagsterPipes.packed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.pipes.Pipes.Level;
import dev.bandit.pipeline.pipes.Pipes.Markdown;
import dev.bandit.pipeline.pipes.Pipes.Severity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PipesTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void nobody_is_told_where_dagster_has_not_started_it() {
        try (Pipes pipes = open(Map.of())) {
            pipes.materialized(Map.of("rows", 1));
            pipes.log(Level.INFO, "hello");
            assertThat(pipes.isOpen()).isFalse();
        }
        assertThat(out.size() + err.size()).isZero();
    }

    @Test
    void what_was_made_is_told_with_its_types(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("messages");
        Path context = Files.writeString(folder.resolve("context"), context("silver"));
        try (Pipes pipes = open(variables(Map.of("path", context.toString()), Map.of("path", file.toString())))) {
            pipes.materialized(Map.of(
                    "rows",
                    10_000,
                    "rate",
                    0.5,
                    "unknown",
                    Double.NaN,
                    "whole",
                    true,
                    "text",
                    new Markdown("*a*"),
                    "file",
                    Path.of("/a b"),
                    "page",
                    URI.create("http://a"),
                    "at",
                    Instant.ofEpochMilli(1500),
                    "arms",
                    List.of("a"),
                    "policy",
                    "thompson"));
        }
        List<JsonNode> messages = messages(Files.readString(file));
        assertThat(messages)
                .extracting(message -> message.get("method").asString())
                .containsExactly("opened", "report_asset_materialization", "closed");
        assertThat(messages)
                .allSatisfy(message -> assertThat(
                                message.get("__dagster_pipes_version").asString())
                        .isEqualTo("0.1"));
        JsonNode made = messages.get(1).get("params");
        assertThat(made.get("asset_key").asString()).isEqualTo("silver");
        assertThat(made.get("metadata")).isEqualTo(JsonMapper.shared().readTree("""
                                {"rows": {"type": "int", "raw_value": 10000}, "rate": {"type": "float", "raw_value": 0.5},
                                 "unknown": {"type": "null", "raw_value": null}, "whole": {"type": "bool", "raw_value": true},
                                 "text": {"type": "md", "raw_value": "*a*"}, "file": {"type": "path", "raw_value": "/a b"},
                                 "page": {"type": "url", "raw_value": "http://a"}, "at": {"type": "timestamp", "raw_value": 1.5},
                                 "arms": {"type": "json", "raw_value": ["a"]}, "policy": {"type": "text", "raw_value": "thompson"}}
                                """));
        assertThat(messages.getLast().get("params")).isEmpty();
    }

    @Test
    void of_several_assets_those_that_are_wanted_are_told_by_name() {
        try (Pipes pipes = open(variables(data("log/bronze", "log/silver"), Map.of("stdio", "stderr")))) {
            pipes.materialized("silver", Map.of("rows", 1));
            pipes.materialized("gold", Map.of("rows", 1));
            pipes.checked("silver", "announced", true, Severity.ERROR, Map.of());
            pipes.checked("silver", "unheard-of", true, Severity.ERROR, Map.of());
            pipes.custom(Map.of("a", 1));
            assertThatThrownBy(() -> pipes.materialized(Map.of()))
                    .isInstanceOf(CommandFailed.class)
                    .hasMessage("Dagster wants log/bronze, log/silver, and this command makes one asset.");
        }
        List<JsonNode> messages = messages(err.toString(StandardCharsets.UTF_8));
        assertThat(messages)
                .extracting(message -> message.get("method").asString())
                .containsExactly(
                        "opened",
                        "report_asset_materialization",
                        "report_asset_check",
                        "report_custom_message",
                        "closed");
        assertThat(messages.get(1).at("/params/asset_key").asString()).isEqualTo("log/silver");
        assertThat(messages.get(2).at("/params/check_name").asString()).isEqualTo("announced");
    }

    @Test
    void a_failure_is_the_last_word() {
        Pipes pipes = open(variables(data("silver"), Map.of("buffered_stdio", "stdout")));
        pipes.failed(new CommandFailed("The folder is empty", new IOException("why")));
        assertThat(out.size()).isZero();
        pipes.close();
        pipes.close();
        List<JsonNode> messages = messages(out.toString(StandardCharsets.UTF_8));
        assertThat(messages).hasSize(2);
        JsonNode exception = messages.getLast().at("/params/exception");
        assertThat(exception.get("message").asString()).isEqualTo("The folder is empty");
        assertThat(exception.get("name").asString()).isEqualTo("CommandFailed");
        assertThat(exception.get("stack")).isNotEmpty();
        assertThat(exception.at("/cause/message").asString()).isEqualTo("why");
    }

    @Test
    void variables_that_are_broken_are_told() {
        Map<String, String> good = variables(data("a"), Map.of("stdio", "stdout"));
        String context = good.get("DAGSTER_PIPES_CONTEXT");
        refused("DAGSTER_PIPES_MESSAGES is missing", Map.of("DAGSTER_PIPES_CONTEXT", context));
        refused("DAGSTER_PIPES_CONTEXT is missing", Map.of("DAGSTER_PIPES_MESSAGES", context));
        refused("DAGSTER_PIPES_CONTEXT is not what", with(good, "DAGSTER_PIPES_CONTEXT", "!"));
        refused("DAGSTER_PIPES_CONTEXT is not what", with(good, "DAGSTER_PIPES_CONTEXT", "aGVsbG8="));
        refused("DAGSTER_PIPES_CONTEXT is not what", with(good, "DAGSTER_PIPES_CONTEXT", context.substring(0, 8)));
        refused("DAGSTER_PIPES_CONTEXT is no JSON", with(good, "DAGSTER_PIPES_CONTEXT", packed(List.of(1))));
        refused("DAGSTER_PIPES_CONTEXT has neither", with(good, "DAGSTER_PIPES_CONTEXT", packed(Map.of())));
        refused(
                "DAGSTER_PIPES_CONTEXT: /no/file",
                with(good, "DAGSTER_PIPES_CONTEXT", packed(Map.of("path", "/no/file"))));
        refused(
                "DAGSTER_PIPES_MESSAGES names none",
                with(good, "DAGSTER_PIPES_MESSAGES", packed(Map.of("stdio", "x"))));
        refused(
                "Dagster cannot be told at /no/",
                with(good, "DAGSTER_PIPES_MESSAGES", packed(Map.of("path", "/no/file"))));
    }

    private void refused(String why, Map<String, String> environment) {
        assertThatThrownBy(() -> open(environment))
                .isInstanceOf(CommandFailed.class)
                .hasMessageStartingWith(why);
    }

    private Pipes open(Map<String, String> environment) {
        return Pipes.open(environment, new PrintStream(out, true), new PrintStream(err, true));
    }

    private static Map<String, String> with(Map<String, String> all, String name, String value) {
        var changed = new HashMap<>(all);
        changed.put(name, value);
        return changed;
    }

    private static Map<String, ?> data(String... assets) {
        return Map.of("data", JsonMapper.shared().readTree(context(assets)));
    }

    private static String context(String... assets) {
        return JsonMapper.shared()
                .writeValueAsString(
                        Map.of("asset_keys", assets, "run_id", "r", "extras", Map.of("checks", List.of("announced"))));
    }

    private static Map<String, String> variables(Map<String, ?> context, Map<String, ?> messages) {
        return Map.of("DAGSTER_PIPES_CONTEXT", packed(context), "DAGSTER_PIPES_MESSAGES", packed(messages));
    }

    private static List<JsonNode> messages(String lines) {
        return lines.lines().map(JsonMapper.shared()::readTree).toList();
    }
}
