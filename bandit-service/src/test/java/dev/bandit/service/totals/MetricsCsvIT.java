package dev.bandit.service.totals;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.testing.LiveService;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

/** The file of runs holds what Postgres has, each run once, wherever its writer died. */
@Timeout(300)
// Runs are made by the tests alone.
@TestPropertySource(properties = {"bandit.totals.interval=1h", "bandit.stop.interval=1h"})
class MetricsCsvIT extends LiveService {

    private static final long SEED = 20_260_301;
    private static final Offset<Double> OFFSET = within(1e-9);

    /** What a row must say, by plain SQL on the events. */
    private static final String ORACLE = """
            select count(*) filter (where kind = 'decision') as decisions,
                   count(distinct unit_id) filter (where kind = 'decision') as units,
                   count(*) filter (where kind = 'reward') as trials,
                   coalesce(sum(reward) filter (where kind = 'reward'), 0) as successes,
                   count(*) filter (where kind = 'observation') as observations,
                   avg(latency_ms) as latency
              from bandit_events where experiment_id = ? and arm_id = ? and batch between ? and ?
            """;

    @Autowired
    private JdbcClient postgres;

    @Autowired
    private DataSource dataSource;

    @Autowired
    private RunningTotals totals;

    @Autowired
    private ExperimentRegistry experiments;

    @Autowired
    private TotalsProperties properties;

    @TempDir
    private Path folder;

    private Path file;
    private MetricsCsv csv;
    private final Random random = new Random(SEED);

    @Autowired
    private MetricsCsvJob job;

    @DynamicPropertySource
    static void asked(DynamicPropertyRegistry registry) throws IOException {
        Path made = Files.createTempDirectory("bandit-metrics");
        registry.add(
                "bandit.totals.metrics-csv",
                () -> made.resolve("experiment_metrics.csv").toString());
    }

    @BeforeEach
    void begin() {
        file = folder.resolve("made/when missing/metrics.csv");
        csv = writer();
    }

    private MetricsCsv writer() {
        return new MetricsCsv(file, new RunTable(postgres));
    }

    @Test
    void rows_say_what_the_ledger_says() throws IOException {
        String id = experiment(3, "min_allocation", 0.1);
        for (int run = 0; run < 4; run++) {
            run(id);
            csv.write();
        }

        List<Map<String, String>> rows = rows(id);
        assertThat(rows).hasSize(12);
        assertThat(rows.stream().map(row -> row.get("run_id")).distinct()).hasSize(4);
        for (Map<String, String> row : rows) {
            long last = number(row, "last_batch").longValue();
            for (var part : Map.of("_inc", number(row, "first_batch").longValue(), "_total", 1L)
                    .entrySet()) {
                Map<String, Object> expected = postgres.sql(ORACLE)
                        .params(id, row.get("variant"), part.getValue(), last)
                        .query()
                        .singleRow();
                for (String name : List.of("decisions", "trials", "successes")) {
                    assertThat(number(row, name + part.getKey()))
                            .as(name + " of " + row)
                            .isEqualTo(((Number) expected.get(name)).doubleValue());
                }
                if (part.getKey().equals("_total")) {
                    assertThat(number(row, "units_total")).isEqualTo(((Number) expected.get("units")).doubleValue());
                    assertThat(number(row, "latency_ms_mean")).isCloseTo((Double) expected.get("latency"), OFFSET);
                } else {
                    assertThat(number(row, "observations_inc"))
                            .isEqualTo(((Number) expected.get("observations")).doubleValue());
                }
            }
            assertThat(number(row, "success_rate_total"))
                    .isEqualTo(number(row, "successes_total") / number(row, "trials_total"));
            assertThat(row.get("score_mean")).as("nobody told a score").isEmpty();
        }
        for (String arm : List.of("a", "b", "c")) {
            List<Map<String, String>> mine =
                    rows.stream().filter(row -> row.get("variant").equals(arm)).toList();
            for (String name : List.of("decisions", "units", "trials", "successes")) {
                assertThat(mine.stream()
                                .mapToDouble(row -> number(row, name + "_inc"))
                                .sum())
                        .as("what runs added is what there is")
                        .isCloseTo(number(mine.getLast(), name + "_total"), OFFSET);
            }
        }
    }

    @Test
    void a_writer_that_died_at_any_byte_is_followed_by_one_that_ends_with_the_same_file() throws IOException {
        String first = experiment(4, "min_allocation", 0.1);
        String second = experiment(2);
        for (int run = 0; run < 3; run++) {
            run(first);
            run(second);
        }
        csv.write();
        byte[] whole = Files.readAllBytes(file);
        assertThat(rows(first)).hasSize(12);
        assertThat(rows(second)).hasSize(6);

        List<Integer> cuts = new ArrayList<>();
        for (int cut = 0; cut < 300; cut++) {
            // In the header and the first row, or anywhere.
            cuts.add(cut);
            cuts.add(random.nextInt(whole.length));
        }
        for (int cut = Math.max(0, whole.length - 1_500); cut <= whole.length; cut++) {
            cuts.add(cut);
        }
        for (int cut : cuts) {
            Files.write(file, Arrays.copyOf(whole, cut));
            writer().write();
            assertThat(Files.readAllBytes(file)).as("cut at %d", cut).startsWith(whole);
        }
        Files.delete(file);
        writer().write();
        assertThat(Files.readAllBytes(file)).as("deleted").startsWith(whole);

        run(second);
        Files.write(file, Arrays.copyOf(whole, whole.length - 10));
        writer().write();
        assertThat(Files.readAllBytes(file)).startsWith(whole);
        assertThat(rows(second)).hasSize(8);
        assertOnceAndInOrder(file);
    }

    @Test
    void a_rerun_changes_nothing() throws IOException {
        String id = experiment(3);
        run(id);
        csv.write();
        List<Map<String, String>> rows = rows(id);
        for (int i = 0; i < 3; i++) {
            totals.catchUp(experiments.get(id), Duration.ofSeconds(10));
            csv.write();
            writer().write();
        }
        assertThat(rows(id)).isEqualTo(rows);
        assertOnceAndInOrder(file);
    }

    @Test
    void a_recount_replaces_what_it_counted_again_and_ends_with_the_same_totals() throws IOException {
        String id = experiment(3, "min_allocation", 0.1);
        String other = experiment(2);
        for (int run = 0; run < 3; run++) {
            run(id);
            run(other);
            csv.write();
        }
        List<Map<String, String>> before = rows(id);
        List<Map<String, String>> others = rows(other);

        totals.recount(experiments.get(id));
        csv.write();

        List<Map<String, String>> after = rows(id);
        assertThat(after).hasSize(3);
        for (int arm = 0; arm < 3; arm++) {
            Map<String, String> now = after.get(arm);
            Map<String, String> then = before.get(6 + arm);
            for (String name :
                    List.of("variant", "decisions_total", "units_total", "trials_total", "successes_total")) {
                assertThat(now.get(name)).as(name).isEqualTo(then.get(name));
            }
            assertThat(number(now, "latency_ms_mean")).isCloseTo(number(then, "latency_ms_mean"), OFFSET);
            assertThat(now.get("decisions_inc")).isEqualTo(now.get("decisions_total"));
        }
        assertThat(rows(other)).isEqualTo(others);
        assertOnceAndInOrder(file);
    }

    @Test
    void a_run_that_commits_late_is_not_passed_over() throws Exception {
        String slow = experiment(2);
        String fast = experiment(2);
        traffic(slow);
        traffic(fast);
        CompletableFuture<Void> other;
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            new TotalsTable().lock(connection, slow);
            new TotalsTable().fold(connection, experiments.get(slow));
            // Its run has its id and is not committed; the other one's must not be seen before it.
            other = CompletableFuture.runAsync(() -> totals.catchUp(experiments.get(fast), Duration.ofSeconds(30)));
            await().atMost(Duration.ofSeconds(20)).until(this::someoneWaits);
            csv.write();
            assertThat(rows(fast)).isEmpty();
            connection.commit();
        }
        other.join();
        csv.write();
        assertThat(rows(slow)).isNotEmpty();
        assertThat(rows(fast)).isNotEmpty();
        assertOnceAndInOrder(file);
    }

    private boolean someoneWaits() {
        return postgres.sql("select exists (select from pg_locks where locktype = 'advisory' and not granted"
                        + " and database = (select oid from pg_database where datname = current_database()))")
                .query(Boolean.class)
                .single();
    }

    @Test
    void what_is_not_ours_is_left_alone() throws IOException {
        run(experiment(2));
        Files.createDirectories(file.getParent());
        for (String text : List.of(
                "mine", "mine\n", "run_id,time\n", RunArm.HEADER + "a,b\n", RunArm.HEADER + "9000000000,later,e,a\n")) {
            Files.writeString(file, text);
            assertThatThrownBy(csv::write).isInstanceOf(IOException.class).hasMessageContaining("move");
            assertThat(file).hasContent(text);
        }
    }

    @Test
    void while_another_process_writes_nothing_is_written() throws IOException {
        run(experiment(2));
        Files.createDirectories(file.getParent());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            csv.write();
            assertThat(file).isEmptyFile();
        }
        csv.write();
        assertThat(file).isNotEmptyFile();
    }

    @Test
    void the_service_writes_the_file_that_it_was_asked_for() throws IOException {
        String id = experiment(2);
        run(id);
        job.tick();
        assertThat(rows(Path.of(properties.metricsCsv()), id)).hasSize(2);
    }

    /** One run with something for every arm. */
    private void run(String id) {
        traffic(id);
        totals.catchUp(experiments.get(id), Duration.ofSeconds(30));
    }

    /** Returns once it is all in the ledger. */
    private void traffic(String id) {
        long before = events(id);
        List<Map<String, Object>> requests = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            requests.add(Map.of("experiment_id", id, "unit_id", "u" + random.nextInt(50)));
        }
        long expected = before + 60;
        List<Map<String, Object>> rewards = new ArrayList<>();
        for (JsonNode decision :
                http.post("/select/batch", Map.of("requests", requests)).body().get("decisions")) {
            String token = decision.get("decision_id").asString();
            http.post("/observe", Map.of("decision_id", token, "latency_ms", 1 + 200 * random.nextDouble()));
            // Sums of quarters are exact.
            rewards.add(Map.of("decision_id", token, "reward", random.nextInt(5) / 4.0));
            expected += 2;
        }
        assertThat(http.post("/reward/batch", Map.of("rewards", rewards)).status())
                .isEqualTo(200);
        long all = expected;
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(events(id)).isEqualTo(all));
    }

    private long events(String id) {
        return postgres.sql("select count(*) from bandit_events where experiment_id = ?")
                .param(id)
                .query(Long.class)
                .single();
    }

    private List<Map<String, String>> rows(String id) throws IOException {
        return rows(file, id);
    }

    private static List<Map<String, String>> rows(Path file, String id) throws IOException {
        return rows(file).stream().filter(row -> row.get("test_id").equals(id)).toList();
    }

    private static List<Map<String, String>> rows(Path file) throws IOException {
        String text = Files.readString(file, US_ASCII);
        assertThat(text).startsWith(RunArm.HEADER).endsWith("\n");
        String[] names = RunArm.HEADER.strip().split(",");
        return text.lines()
                .skip(1)
                .map(line -> {
                    String[] values = line.split(",", -1);
                    assertThat(values).as(line).hasSameSizeAs(names);
                    Map<String, String> row = new LinkedHashMap<>();
                    for (int i = 0; i < names.length; i++) {
                        row.put(names[i], values[i]);
                    }
                    return row;
                })
                .toList();
    }

    private void assertOnceAndInOrder(Path file) throws IOException {
        List<Map<String, String>> rows = rows(file);
        assertThat(rows.stream().map(row -> Long.parseLong(row.get("run_id")))).isSorted();
        assertThat(rows.stream().map(row -> row.get("run_id") + " " + row.get("variant")))
                .doesNotHaveDuplicates()
                .containsExactlyElementsOf(postgres.sql(
                                "select run_id || ' ' || arm_id from experiment_run_arms where run_id <= ? order by run_id, arm_id")
                        .param(Long.parseLong(rows.getLast().get("run_id")))
                        .query(String.class)
                        .list());
    }

    private static Double number(Map<String, String> row, String name) {
        return Double.valueOf(row.get(name));
    }
}
