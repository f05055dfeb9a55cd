package dev.bandit.pipeline.mlflow;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/**
 * One run while it is logged. Saying the same again adds nothing, in this process or in a later one: the time of a point is that of the
 * run's beginning plus its step, and points that an earlier attempt has left are not sent again. Closed without {@link #finish}, the run
 * has failed.
 */
public final class Run implements AutoCloseable {

    private static final String PROXY = "mlflow-artifacts:/";

    private record Point(long step, double value) {}

    private record Metric(String key, double value, long timestamp, long step) {}

    private final MlflowServer server;
    private final InstantSource clock;
    private final String id;
    private final long start;
    private final String artifacts;
    private final Map<String, String> parameters;
    private final boolean resumed;
    private final Map<String, Set<Point>> sent = new HashMap<>();
    private final List<Metric> waiting = new ArrayList<>();
    private boolean finished;

    private Run(MlflowServer server, InstantSource clock, JsonNode run, boolean resumed) {
        JsonNode info = run.required("info");
        this.server = server;
        this.clock = clock;
        this.id = info.required("run_id").asString();
        this.start = info.required("start_time").asLong();
        this.artifacts = info.required("artifact_uri").asString();
        this.parameters = texts(run.path("data").path("params"));
        this.resumed = resumed;
    }

    static Run begun(MlflowServer server, InstantSource clock, JsonNode run) {
        return new Run(server, clock, run, false);
    }

    static Run resumed(MlflowServer server, InstantSource clock, JsonNode run) {
        return new Run(server, clock, run, true);
    }

    /** Of a list of keys and values. */
    static Map<String, String> texts(JsonNode list) {
        Map<String, String> texts = new TreeMap<>();
        list.forEach(entry ->
                texts.put(entry.required("key").asString(), entry.path("value").asString("")));
        return texts;
    }

    Run describe(Map<String, String> more, Map<String, String> tags) {
        Map<String, String> fresh = new TreeMap<>();
        more.forEach((name, wanted) -> {
            String key = Limits.name(name);
            String value = Limits.parameter(wanted);
            String known = parameters.putIfAbsent(key, value);
            if (known == null) {
                fresh.put(key, value);
            } else if (!known.equals(value)) {
                throw new CommandFailed(
                        "MLflow's run %s has %s = %s, and parameters of a run cannot become another (%s)."
                                .formatted(id, key, known, value));
            }
        });
        if (resumed) {
            server.post("runs/update", Map.of("run_id", id, "status", "RUNNING"));
        }
        log("params", fresh, (key, value) -> value);
        log("tags", tags, (key, value) -> Limits.tag(value));
        return this;
    }

    /** The server's name of it. */
    public String id() {
        return id;
    }

    /** Sets a tag, whatever it was before. */
    public void tag(String name, String value) {
        log("tags", Map.of(name, value), (key, text) -> Limits.tag(text));
    }

    private void log(String kind, Map<String, String> entries, BiFunction<String, String, String> fitted) {
        List<Map<String, String>> all = new ArrayList<>();
        entries.forEach((name, value) -> all.add(Map.of("key", Limits.name(name), "value", fitted.apply(name, value))));
        for (int from = 0; from < all.size(); from += Limits.ENTRIES) {
            List<Map<String, String>> some = all.subList(from, Math.min(all.size(), from + Limits.ENTRIES));
            server.post("runs/log-batch", Map.of("run_id", id, kind, some));
        }
    }

    /** A metric that has one value. */
    public void metric(String name, double value) {
        metric(name, 0, value);
    }

    /**
     * A point of a metric. MLflow's table of runs shows the last; {@code report --from-mlflow} has a column for each name without a slash.
     *
     * @param step from 0
     * @param value not sent if it is not finite
     */
    public void metric(String name, long step, double value) {
        if (step < 0) {
            throw new IllegalArgumentException("step is " + step + ", expected at least 0");
        }
        String key = Limits.name(name);
        if (!Double.isFinite(value)
                || !sent.computeIfAbsent(key, this::alreadyThere).add(new Point(step, value))) {
            return;
        }
        waiting.add(new Metric(key, value, start + step, step));
        if (waiting.size() == Limits.METRICS) {
            flush();
        }
    }

    private Set<Point> alreadyThere(String key) {
        Set<Point> points = new HashSet<>();
        if (!resumed) {
            return points;
        }
        String page = "";
        do {
            Map<String, String> query = new HashMap<>(Map.of("run_id", id, "metric_key", key, "max_results", "10000"));
            if (!page.isEmpty()) {
                query.put("page_token", page);
            }
            JsonNode answer = server.get("metrics/get-history", query);
            answer.path("metrics")
                    .forEach(point -> points.add(new Point(
                            point.path("step").asLong(), point.required("value").asDouble())));
            page = answer.path("next_page_token").asString("");
        } while (!page.isEmpty());
        return points;
    }

    private void flush() {
        if (!waiting.isEmpty()) {
            server.post("runs/log-batch", Map.of("run_id", id, "metrics", waiting));
            waiting.clear();
        }
    }

    /**
     * Keeps a file with the run, in place of one of the same name.
     *
     * @throws CommandFailed if it cannot be read, or the server keeps artifacts where only its own kind of client gets
     */
    public void artifact(Path file) {
        String name = String.valueOf(file.getFileName());
        if (artifacts.startsWith(PROXY) && !artifacts.startsWith(PROXY + "/")) {
            server.put(artifacts.substring(PROXY.length()) + "/" + name, file);
        } else if (artifacts.startsWith("file:/")) {
            copy(file, Path.of(URI.create(artifacts)).resolve(name));
        } else if (artifacts.startsWith("/")) {
            copy(file, Path.of(artifacts).resolve(name));
        } else {
            throw new CommandFailed(
                    "MLflow keeps artifacts at %s, where they cannot be put from here; start its server with --serve-artifacts."
                            .formatted(artifacts));
        }
    }

    private static void copy(Path from, Path to) {
        Path beside = to.resolveSibling(to.getFileName() + ".new");
        try {
            Files.createDirectories(beside.getParent());
            Files.copy(from, beside, StandardCopyOption.REPLACE_EXISTING);
            Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CommandFailed("%s cannot be copied to %s: %s".formatted(from, to, e.getMessage()), e);
        }
    }

    /** Everything has been logged. */
    public void finish() {
        flush();
        end("FINISHED");
    }

    @Override
    public void close() {
        if (!finished) {
            end("FAILED");
        }
    }

    private void end(String status) {
        finished = true;
        server.post("runs/update", Map.of("run_id", id, "status", status, "end_time", clock.millis()));
    }
}
