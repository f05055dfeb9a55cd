package dev.bandit.pipeline.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.pipeline.obd.Manifest;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.testing.Dataset;
import dev.bandit.pipeline.testing.RunningService;
import dev.bandit.pipeline.testing.StartedProgram;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real Spark, which is given the jar of the release, does what one process does. */
class SparkIT {

    private static final Path JAR = Path.of("target/bandit-spark.jar");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int ROWS = 30_000;
    private static final int PIECE = 1_000_000;
    private static final double SAME = 1e-12;

    @TempDir
    private Path folder;

    private Path spark;

    private record Ended(int status, String out, String err) {}

    @BeforeEach
    void find() throws IOException, InterruptedException {
        assertThat(JAR).as("./mvnw -Prelease package makes it").exists();
        Ended found = run(
                Map.of(),
                System.getProperty("bandit.python"),
                "-c",
                "import os, pyspark; print(os.path.dirname(pyspark.__file__))");
        assertThat(found.status()).as(found.err()).isZero();
        spark = Path.of(found.out().strip());
    }

    @Test
    void a_log_is_ingested_and_evaluated_as_by_one_process() throws Exception {
        Path data = Dataset.made(folder.resolve("data"), ROWS, false);
        Path log = data.resolve("bts/men/men.csv");
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        lines.set(20_000, "?");
        lines.set(29_000, lines.get(29_000).replaceFirst(",[^,]*,", ",yesterday,"));
        Files.write(log, lines);

        one("ingest", "--from", data, "--store", folder.resolve("one"));
        many("local[2]", "ingest", "--from", data, "--store", folder.resolve("many"), "--piece", PIECE);

        assertSame();
        Object[] ope = {"--behavior", "bts", "--campaign", "men", "--policy", "uniform", "--format", "json"};
        assertSame(
                json(many("local[2]", with(ope, "ope", "--store", folder.resolve("many")))),
                json(one(with(ope, "ope", "--store", folder.resolve("one")))),
                "");
    }

    /** Of a cluster on this machine one of two workers is killed, with the executor that it has started, while both have work to do. */
    @Test
    void a_cluster_that_loses_a_worker_loses_no_row() throws Exception {
        Path data = Dataset.made(folder.resolve("data"), ROWS, false);
        one("ingest", "--from", data, "--store", folder.resolve("one"));
        Path store = folder.resolve("many");
        int port = freePort();
        String master = "spark://127.0.0.1:" + port;
        try (StartedProgram ignored = daemon(
                        "master", "org.apache.spark.deploy.master.Master", "--port", port, "--webui-port", freePort());
                StartedProgram lost = worker("lost", master);
                StartedProgram left = worker("left", master)) {
            Process ingest = submit(
                    master,
                    folder.resolve("out"),
                    folder.resolve("err"),
                    "ingest",
                    "--from",
                    data,
                    "--store",
                    store,
                    "--piece",
                    PIECE / 4);
            awaitFirstPiece(store, ingest);
            lost.kill();
            assertThat(ingest.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(ingest.exitValue())
                    .as(Files.readString(folder.resolve("err")))
                    .isZero();
            assertThat(Files.readString(folder.resolve("err"))).contains("Lost executor");
            assertThat(left.output()).contains("Asked to launch executor");
        }
        assertSame();
    }

    @Test
    void what_a_service_has_on_record_is_evaluated_as_by_one_process() throws Exception {
        try (RunningService service = RunningService.start(folder)) {
            service.put(
                    "/experiments/color",
                    Map.of(
                            "policy",
                            "thompson",
                            "min_allocation",
                            0.2,
                            "feedback",
                            "explicit",
                            "variants",
                            List.of(Map.of("name", "blue"), Map.of("name", "red"))));
            for (int i = 0; i < 300; i++) {
                JsonNode decision = service.post("/select", Map.of("experiment_id", "color", "unit_id", "u" + i % 100));
                service.post(
                        "/reward",
                        Map.of("decision_id", decision.get("decision_id").asString(), "reward", i % 3 == 0 ? 1 : 0));
            }
            Path postgres = folder.resolve("data/postgres");
            String password = Files.readString(postgres.resolve("password")).strip();
            Object[] whatIf = {
                "what-if",
                "color",
                "--postgres",
                "postgresql://bandit:%s@127.0.0.1:%s/bandit"
                        .formatted(
                                password,
                                Files.readString(postgres.resolve("port")).strip()),
                "--policy",
                "uniform",
                "--format",
                "json"
            };
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            Ended ended = alone(whatIf);
            while (!ended.out().contains("\"rounds\" : 300")) {
                assertThat(System.nanoTime()).as(ended.toString()).isLessThan(deadline);
                ended = alone(whatIf);
            }
            JsonNode alone = json(ended);
            Ended together = many("local[2]", whatIf);
            assertSame(json(together), alone, "");
            assertThat(together.err()).doesNotContain(password);
        }
    }

    /** What both stores have. */
    private void assertSame() throws SQLException, IOException {
        try (Store one = Store.open(folder.resolve("one").toString());
                Store many = Store.open(folder.resolve("many").toString())) {
            for (var part : List.of(Dataset.RANDOM, Dataset.BTS)) {
                Manifest expected =
                        Silver.open(one, part.behavior(), part.campaign()).manifest();
                Manifest actual =
                        Silver.open(many, part.behavior(), part.campaign()).manifest();
                assertThat(actual.logs()).hasSizeGreaterThan(4);
                assertThat(Dataset.dump(many, part, folder)).isEqualTo(Dataset.dump(one, part, folder));
                assertThat(actual)
                        .usingRecursiveComparison()
                        .ignoringFields("logs", "sums.propensity", "sums.weight")
                        .isEqualTo(expected);
                assertThat(actual.sums().propensity() / expected.sums().propensity())
                        .isCloseTo(1, within(SAME));
                assertThat(actual.sums().weight() / expected.sums().weight()).isCloseTo(1, within(SAME));
            }
        }
    }

    private static void assertSame(JsonNode actual, JsonNode expected, String where) {
        if (expected.isNumber()) {
            double tolerance = SAME * Math.max(1e-3, Math.abs(expected.asDouble()));
            assertThat(actual.asDouble()).as(where).isCloseTo(expected.asDouble(), within(tolerance));
        } else if (expected.isContainer()) {
            assertThat(actual.size()).as(where).isEqualTo(expected.size()).isPositive();
            if (expected.isObject()) {
                expected.propertyNames()
                        .forEach(name -> assertSame(actual.path(name), expected.path(name), where + "/" + name));
            } else {
                for (int i = 0; i < expected.size(); i++) {
                    assertSame(actual.path(i), expected.path(i), where + "/" + i);
                }
            }
        } else {
            assertThat(actual).as(where).isEqualTo(expected);
        }
    }

    private static void awaitFirstPiece(Path store, Process ingest) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Store open = Store.open(store.toString())) {
                if (!open.list("bandit/silver/").isEmpty()) {
                    return;
                }
            }
            assertThat(System.nanoTime()).isLessThan(deadline);
            assertThat(ingest.isAlive()).isTrue();
            Thread.sleep(20);
        }
    }

    private StartedProgram worker(String name, String master) throws IOException {
        StartedProgram worker = daemon(
                name,
                "org.apache.spark.deploy.worker.Worker",
                "--cores",
                1,
                "--memory",
                "1g",
                "--webui-port",
                freePort(),
                "--work-dir",
                folder.resolve(name + "-work"),
                master);
        worker.await(Pattern.compile("Successfully registered with master"));
        return worker;
    }

    private StartedProgram daemon(String name, String type, Object... args) {
        List<String> command =
                new ArrayList<>(List.of(spark.resolve("bin/spark-class").toString(), type));
        command.addAll(List.of("--host", "127.0.0.1"));
        Arrays.stream(args).map(Object::toString).forEach(command::add);
        StartedProgram daemon = StartedProgram.start(folder.resolve(name + ".log"), environment(), command);
        daemon.await(Pattern.compile("Successfully started service"));
        return daemon;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Map<String, String> environment() {
        return Map.of("SPARK_LOCAL_IP", "127.0.0.1", "JAVA_HOME", System.getProperty("java.home"));
    }

    private Ended many(String master, Object... args) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        Process process = submit(master, out, err, args);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        Ended ended = new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
        assertThat(ended.status()).as(ended.err()).isZero();
        return ended;
    }

    private Process submit(String master, Path out, Path err, Object... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                spark.resolve("bin/spark-submit").toString(),
                "--master",
                master,
                "--conf",
                "spark.ui.enabled=false",
                "--conf",
                "spark.log.level=WARN",
                "--conf",
                // Nothing begins before all workers are there.
                "spark.scheduler.minRegisteredResourcesRatio=1",
                "--conf",
                "spark.cores.max=2",
                "--class",
                "dev.bandit.pipeline.Pipeline",
                JAR.toString()));
        Arrays.stream(args).map(Object::toString).forEach(command::add);
        command.addAll(List.of("--engine", "spark"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(Redirect.to(out.toFile()))
                .redirectError(Redirect.to(err.toFile()));
        builder.environment().putAll(environment());
        return builder.start();
    }

    private Ended one(Object... args) throws IOException, InterruptedException {
        Ended ended = alone(args);
        assertThat(ended.status()).as(ended.err()).isZero();
        return ended;
    }

    private Ended alone(Object... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(RunningService.java(), "-jar", "target/bandit-pipeline.jar"));
        Arrays.stream(args).map(Object::toString).forEach(command::add);
        return run(environment(), command.toArray(String[]::new));
    }

    private Ended run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(Redirect.to(out.toFile()))
                .redirectError(Redirect.to(err.toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static Object[] with(Object[] more, Object... first) {
        List<Object> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(more));
        return all.toArray();
    }

    private static JsonNode json(Ended ended) {
        return JsonMapper.shared().readTree(ended.out());
    }
}
