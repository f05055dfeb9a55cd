package dev.bandit.pipeline.pipes;

import dev.bandit.pipeline.pipes.Pipes.Markdown;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Values with the type that Dagster shows them by. */
final class Metadata {

    private record Typed(String type, @Nullable Object rawValue) {

        Map<String, @Nullable Object> wire() {
            Map<String, @Nullable Object> wire = new LinkedHashMap<>();
            wire.put("type", type);
            wire.put("raw_value", rawValue);
            return wire;
        }
    }

    private Metadata() {}

    static Map<String, Object> typed(Map<String, ?> values) {
        Map<String, Object> typed = new LinkedHashMap<>();
        values.forEach((name, value) -> typed.put(name, typed(name, value).wire()));
        return typed;
    }

    private static Typed typed(String name, Object value) {
        return switch (value) {
            case Integer number -> new Typed("int", number);
            case Long number -> new Typed("int", number);
            // JSON has no word for what is not finite.
            case Double number when !Double.isFinite(number) -> new Typed("null", null);
            case Double number -> new Typed("float", number);
            case Boolean truth -> new Typed("bool", truth);
            case String text -> new Typed("text", text);
            case Markdown markdown -> new Typed("md", markdown.text());
            case Path path -> new Typed("path", path.toAbsolutePath().toString());
            case URI uri -> new Typed("url", uri.toString());
            case Instant time -> new Typed("timestamp", time.toEpochMilli() / 1e3);
            case Map<?, ?> json -> new Typed("json", json);
            case List<?> json -> new Typed("json", json);
            case JsonNode json -> new Typed("json", json);
            default -> throw new IllegalArgumentException("metadata " + name + " is a " + value.getClass());
        };
    }
}
