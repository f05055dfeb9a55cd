package dev.bandit.pipeline.pipes;

import dev.bandit.cli.CommandFailed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Dagster Pipes protocol, version 0.1, from the side of the started process: what it made, checked and has to say. Where Dagster has not
 * started it, saying anything does nothing.
 */
public final class Pipes implements AutoCloseable {

    /** Text that Dagster renders. */
    public record Markdown(String text) {}

    /** What a check that does not pass means. */
    public enum Severity {
        WARN,
        ERROR
    }

    /** How much a message matters. */
    public enum Level {
        DEBUG,
        INFO,
        WARNING,
        ERROR
    }

    private static final String CONTEXT = "DAGSTER_PIPES_CONTEXT";
    private static final String MESSAGES = "DAGSTER_PIPES_MESSAGES";
    private static final String VERSION = "0.1";

    private final @Nullable Channel channel;
    private final List<String> assets;
    private final Set<String> checks;
    private @Nullable Throwable failure;
    private boolean closed;

    private Pipes(@Nullable Channel channel, List<String> assets, Set<String> checks) {
        this.channel = channel;
        this.assets = assets;
        this.checks = checks;
    }

    /** To nobody. */
    public static Pipes none() {
        return new Pipes(null, List.of(), Set.of());
    }

    /**
     * To Dagster, if it has started this process; says that it is opened.
     *
     * @throws CommandFailed if its variables are there and cannot be understood
     */
    public static Pipes open() {
        return open(System.getenv(), System.out, System.err);
    }

    /** @param out where messages go if Dagster says so, and likewise {@code err} */
    static Pipes open(Map<String, String> environment, PrintStream out, PrintStream err) {
        String context = environment.get(CONTEXT);
        String messages = environment.get(MESSAGES);
        if (context == null && messages == null) {
            return none();
        }
        JsonNode data = context(parameter(CONTEXT, context));
        Pipes pipes = new Pipes(
                channel(parameter(MESSAGES, messages), out, err),
                texts(data.path("asset_keys")).toList(),
                texts(data.path("extras").path("checks")).collect(Collectors.toUnmodifiableSet()));
        pipes.send("opened", Map.of("extras", Map.of()));
        return pipes;
    }

    /** Whether anybody listens. */
    public boolean isOpen() {
        return channel != null;
    }

    private static JsonNode parameter(String name, @Nullable String value) {
        if (value == null) {
            throw new CommandFailed(name + " is missing: Dagster sets both " + CONTEXT + " and " + MESSAGES + ".");
        }
        try (var unpacked = new InflaterInputStream(
                new ByteArrayInputStream(Base64.getDecoder().decode(value)))) {
            JsonNode json = JsonMapper.shared().readTree(unpacked);
            if (json.isObject()) {
                return json;
            }
        } catch (IOException | IllegalArgumentException | JacksonException e) {
            throw new CommandFailed(name + " is not what Dagster makes it: base64 of compressed JSON.", e);
        }
        throw new CommandFailed(name + " is no JSON object.");
    }

    private static JsonNode context(JsonNode where) {
        if (where.path("data").isObject()) {
            return where.path("data");
        }
        if (!where.path("path").isString()) {
            throw new CommandFailed(CONTEXT + " has neither path nor data.");
        }
        Path file = Path.of(where.path("path").asString());
        try {
            JsonNode data = JsonMapper.shared().readTree(Files.readString(file));
            if (data.isObject()) {
                return data;
            }
        } catch (IOException | JacksonException e) {
            throw new CommandFailed("%s: %s cannot be read as JSON.".formatted(CONTEXT, file), e);
        }
        throw new CommandFailed("%s: %s is no JSON object.".formatted(CONTEXT, file));
    }

    private static Stream<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString);
    }

    private static Channel channel(JsonNode where, PrintStream out, PrintStream err) {
        if (where.path("path").isString()) {
            return new Channel.ToFile(Path.of(where.path("path").asString()));
        }
        boolean held = where.has("buffered_stdio");
        String name = where.path(held ? "buffered_stdio" : "stdio").asString("");
        PrintStream stream = switch (name) {
            case "stdout" -> out;
            case "stderr" -> err;
            default ->
                throw new CommandFailed(MESSAGES + " names none of path, stdio and buffered_stdio (stdout or stderr).");
        };
        return held ? new Channel.Held(stream) : new Channel.ToStream(stream);
    }

    /**
     * Reports the one asset that Dagster wants, whatever its name; nothing if it wants none.
     *
     * @param metadata numbers, truths, texts, {@link Markdown}, paths, URIs, instants, and maps, lists or nodes as JSON
     * @throws CommandFailed if it wants several of a command that makes one
     */
    public void materialized(Map<String, ?> metadata) {
        only().ifPresent(asset -> materialize(asset, metadata));
    }

    /**
     * Reports one of the assets that a command makes; nothing if Dagster does not want it.
     *
     * @param asset the last part of its key
     */
    public void materialized(String asset, Map<String, ?> metadata) {
        named(asset).ifPresent(key -> materialize(key, metadata));
    }

    private void materialize(String key, Map<String, ?> metadata) {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        parameters.put("asset_key", key);
        parameters.put("data_version", null);
        parameters.put("metadata", Metadata.typed(metadata));
        send("report_asset_materialization", parameters);
    }

    /**
     * Reports a check of the one asset that Dagster wants, if the name of the check is in the list "checks" of the extras with which
     * the command was started: Dagster refuses checks that its definition of the asset does not announce.
     *
     * @param metadata as of {@link #materialized(Map)}
     */
    public void checked(String check, boolean passed, Severity severity, Map<String, ?> metadata) {
        only().ifPresent(asset -> check(asset, check, passed, severity, metadata));
    }

    /** The same, for one of the assets that a command makes. */
    public void checked(String asset, String check, boolean passed, Severity severity, Map<String, ?> metadata) {
        named(asset).ifPresent(key -> check(key, check, passed, severity, metadata));
    }

    private void check(String key, String check, boolean passed, Severity severity, Map<String, ?> metadata) {
        if (!checks.contains(check)) {
            return;
        }
        send(
                "report_asset_check",
                Map.of(
                        "asset_key",
                        key,
                        "check_name",
                        check,
                        "passed",
                        passed,
                        "severity",
                        severity.name(),
                        "metadata",
                        Metadata.typed(metadata)));
    }

    private Optional<String> only() {
        if (assets.size() > 1) {
            throw new CommandFailed(
                    "Dagster wants %s, and this command makes one asset.".formatted(String.join(", ", assets)));
        }
        return assets.stream().findFirst();
    }

    private Optional<String> named(String asset) {
        String escaped = asset.replace("\\", "\\\\").replace("/", "\\/");
        return assets.stream()
                .filter(key -> key.equals(escaped) || key.endsWith("/" + escaped))
                .findFirst();
    }

    /** A line for the log of the run. */
    public void log(Level level, String message) {
        send("log", Map.of("message", message, "level", level.name()));
    }

    /** Something that the code which started the command asks for; anything that is JSON. */
    public void custom(Object payload) {
        send("report_custom_message", Map.of("payload", payload));
    }

    /** What {@link #close} will say went wrong. */
    public void failed(Throwable problem) {
        failure = problem;
    }

    /** Says the last word. */
    @Override
    public void close() {
        if (channel == null || closed) {
            return;
        }
        send("closed", failure == null ? Map.of() : Map.of("exception", exception(failure)));
        closed = true;
        channel.end();
    }

    private static Map<String, @Nullable Object> exception(Throwable problem) {
        Map<String, @Nullable Object> wire = new LinkedHashMap<>();
        wire.put("message", String.valueOf(problem.getMessage()));
        wire.put(
                "stack",
                Arrays.stream(problem.getStackTrace())
                        .map(frame -> "  at " + frame + "\n")
                        .toList());
        wire.put("name", problem.getClass().getSimpleName());
        wire.put("cause", problem.getCause() == null ? null : exception(problem.getCause()));
        wire.put("context", null);
        return wire;
    }

    private synchronized void send(String method, Map<String, ?> parameters) {
        if (channel == null) {
            return;
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("__dagster_pipes_version", VERSION);
        message.put("method", method);
        message.put("params", parameters);
        channel.write(JsonMapper.shared().writeValueAsString(message));
    }
}
