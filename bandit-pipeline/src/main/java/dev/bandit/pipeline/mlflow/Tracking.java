package dev.bandit.pipeline.mlflow;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.mlflow.MlflowServer.Refused;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * An experiment of an MLflow server, that is: a list of runs. A run is found again by its key, so that a retry continues the run it
 * repeats. Two processes must not log the same key at the same time: they might not see each other's run.
 */
public final class Tracking implements AutoCloseable {

    static final String KEY = "bandit.run_key";

    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final int PAGE = 1000;

    private final MlflowServer server;
    private final String experiment;
    private final InstantSource clock;

    private Tracking(MlflowServer server, String experiment, InstantSource clock) {
        this.server = server;
        this.experiment = experiment;
        this.clock = clock;
    }

    /**
     * Asks nothing of the server yet.
     *
     * @param experiment is made by the first {@link #run} if there is none
     * @throws IllegalArgumentException if {@code server} is no http address, or has credentials in it; those are taken from
     *     {@code MLFLOW_TRACKING_USERNAME} and {@code _PASSWORD}, or {@code MLFLOW_TRACKING_TOKEN}
     */
    public static Tracking open(URI server, String experiment) {
        return open(server, experiment, System.getenv(), PAUSE);
    }

    static Tracking open(URI server, String experiment, Map<String, String> environment, Duration pause) {
        return new Tracking(new MlflowServer(server, environment, pause), experiment, InstantSource.system());
    }

    /** @throws IllegalArgumentException with what is wrong, if runs cannot be logged there */
    public static URI checked(URI server) {
        return MlflowServer.checked(server);
    }

    /**
     * Begins a run, or goes on with the one of this key.
     *
     * @param name for people
     * @param key from {@link RunKey}
     * @param parameters which cannot change within a run
     * @throws CommandFailed if the server does not answer, refuses, or has another value of a parameter
     */
    public Run run(String name, String key, Map<String, String> parameters, Map<String, String> tags) {
        String id = experimentId();
        return server.retrying(() -> {
                    // Before each attempt: one whose answer was lost may have made it.
                    Optional<JsonNode> known = find(id, key);
                    return known.map(run -> Run.resumed(server, clock, run))
                            .orElseGet(() -> Run.begun(server, clock, create(id, name, key)));
                })
                .describe(parameters, tags);
    }

    private JsonNode create(String id, String name, String key) {
        return server.postOnce(
                        "runs/create",
                        Map.of(
                                "experiment_id",
                                id,
                                "run_name",
                                name,
                                "start_time",
                                clock.millis(),
                                "tags",
                                List.of(Map.of("key", KEY, "value", key))))
                .required("run");
    }

    private Optional<JsonNode> find(String id, String key) {
        JsonNode found = server.postOnce(
                "runs/search",
                Map.of(
                        "experiment_ids",
                        List.of(id),
                        "filter",
                        "tags.`" + KEY + "` = '" + key + "'",
                        "order_by",
                        List.of("attributes.start_time ASC"),
                        "max_results",
                        1));
        return found.path("runs").valueStream().findFirst();
    }

    /**
     * All runs, the latest first.
     *
     * @throws CommandFailed if there is no such experiment
     */
    public List<RecordedRun> runs() {
        String id = lookUp().orElseThrow(() -> new CommandFailed("MLflow has no experiment \"" + experiment + "\"."));
        List<RecordedRun> runs = new ArrayList<>();
        String page = "";
        do {
            Map<String, Object> search = new HashMap<>(Map.of(
                    "experiment_ids",
                    List.of(id),
                    "order_by",
                    List.of("attributes.start_time DESC"),
                    "max_results",
                    PAGE));
            if (!page.isEmpty()) {
                search.put("page_token", page);
            }
            JsonNode answer = server.post("runs/search", search);
            answer.path("runs").forEach(run -> runs.add(recorded(run)));
            page = answer.path("next_page_token").asString("");
        } while (!page.isEmpty());
        return runs;
    }

    private static RecordedRun recorded(JsonNode run) {
        JsonNode info = run.required("info");
        Map<String, Double> metrics = new TreeMap<>();
        run.path("data")
                .path("metrics")
                .forEach(metric -> metrics.put(
                        metric.required("key").asString(),
                        metric.required("value").asDouble()));
        return new RecordedRun(
                info.required("run_id").asString(),
                info.path("run_name").asString(""),
                info.path("status").asString(""),
                Instant.ofEpochMilli(info.path("start_time").asLong()),
                Run.texts(run.path("data").path("params")),
                Run.texts(run.path("data").path("tags")),
                metrics);
    }

    private String experimentId() {
        return lookUp().or(this::createExperiment)
                .or(this::lookUp)
                .orElseThrow(() -> new CommandFailed("MLflow did not make the experiment \"" + experiment + "\"."));
    }

    /** Empty if somebody else was quicker. */
    private Optional<String> createExperiment() {
        try {
            JsonNode made = server.post("experiments/create", Map.of("name", experiment));
            return Optional.of(made.required("experiment_id").asString());
        } catch (Refused e) {
            if (e.code.equals("RESOURCE_ALREADY_EXISTS")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Optional<String> lookUp() {
        try {
            JsonNode found = server.get("experiments/get-by-name", Map.of("experiment_name", experiment))
                    .required("experiment");
            if (found.path("lifecycle_stage").asString("active").equals("deleted")) {
                throw new CommandFailed(
                        "MLflow's experiment \"%s\" is deleted; restore it, or name another.".formatted(experiment));
            }
            return Optional.of(found.required("experiment_id").asString());
        } catch (Refused e) {
            if (e.code.equals("RESOURCE_DOES_NOT_EXIST")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
