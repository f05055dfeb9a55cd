package dev.bandit.service.grafana;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.grafana.GrafanaFiles.Expression;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessClient;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;

/** Every query of the dashboards and alerts, on the rows and metrics that a real service has left. */
@Timeout(300)
@TestInstance(Lifecycle.PER_CLASS)
class GrafanaIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String EXPERIMENT = "colour";
    private static final Set<String> ARMS = Set.of("a", "b", "c");
    private static final Pattern LABEL = Pattern.compile("\\{\\{(\\w+)}}|\\$labels\\.(\\w+)");

    @RegisterExtension
    static final ServiceProcessExtension SERVICES = new ServiceProcessExtension();

    @TempDir
    static Path folder;

    private final Instant start = Instant.now();
    private final Database database =
            Servers.freshDatabase(Servers.newPostgres().start());
    private final JdbcTemplate owner = jdbc(database.username(), database.password());
    private final JdbcTemplate grafana = jdbc("grafana", "g");
    private ServiceProcess service;

    @BeforeAll
    void learn() {
        service = service();
        service.start();
        owner.execute(GrafanaFiles.text("role.sql"));
        owner.execute("alter role grafana password 'g'");
        ServiceProcessClient http = service.client();
        assertThat(http.put("/experiments/" + EXPERIMENT, Map.of("variants", variants(3)))
                        .status())
                .isEqualTo(201);
        assertThat(http.put("/experiments/many", Map.of("variants", variants(60)))
                        .status())
                .isEqualTo(201);
        for (int i = 0; i < 300; i++) {
            String decision =
                    http.post("/select", Map.of("experiment_id", EXPERIMENT)).text("decision_id");
            http.post("/reward", Map.of("decision_id", decision, "reward", i % 3 == 0 ? 1 : 0));
        }
        Instant learned = Instant.now();
        await().atMost(PATIENCE).until(() -> newest().isAfter(learned));
        assertThat(http.post("/experiments/" + EXPERIMENT + "/conclude", Map.of("winner", "a"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void every_sql_query_finds_rows_in_the_form_its_panel_expects() {
        int queries = 0;
        for (JsonNode panel : GrafanaFiles.panels(GrafanaFiles.dashboard("posteriors"))) {
            Set<String> columns = new TreeSet<>();
            for (JsonNode target : panel.path("targets")) {
                Result result = run(target.get("rawSql").asString());
                assertThat(result.rows()).as(result.sql()).isNotEmpty();
                if (target.get("format").asString().equals("time_series")) {
                    PanelForm.series(panel, result.columns(), result.rows());
                }
                columns.addAll(result.columns());
                queries++;
            }
            PanelForm.fields(panel, columns, ARMS);
        }
        assertThat(queries).isGreaterThan(14);
    }

    @Test
    void the_variable_offers_the_experiments_and_the_annotations_their_changes() {
        JsonNode dashboard = GrafanaFiles.dashboard("posteriors");
        Result offered = run(dashboard.at("/templating/list/0/query").asString());
        assertThat(offered.columns()).hasSize(1);
        assertThat(offered.rows())
                .extracting(row -> row.get("id"))
                .containsExactly("button-color-test", "headline-test", "many", EXPERIMENT);

        Result changes = run(dashboard.at("/annotations/list/0/target/rawSql").asString());
        assertThat(changes.columns()).containsExactlyInAnyOrder("time", "text", "tags");
        assertThat(changes.rows()).extracting(row -> row.get("tags")).containsExactly("create", "conclude");
    }

    @Test
    void curves_are_those_of_the_newest_snapshot_and_only_experiments_of_few_arms_have_them() {
        Instant now = newest();
        await().atMost(PATIENCE).until(() -> newest().isAfter(now.plusSeconds(2)));
        Map<String, List<double[]>> curves = new HashMap<>();
        owner.query("""
                select d.test_id, d.variant, d.x, d.density, s.mean
                  from posterior_densities d
                  join posterior_snapshots s using (test_id, variant)
                 where s."timestamp" = (select max(tick) from snapshot_ticks)
                 order by 1, 2, 3""", row -> {
            assertThat(row.getString(1)).isNotEqualTo("many");
            curves.computeIfAbsent(row.getString(1) + " " + row.getString(2), arm -> new ArrayList<>())
                    .add(new double[] {row.getDouble(3), row.getDouble(4), row.getDouble(5)});
        });

        assertThat(curves).hasSize(3 + 2 + 3).containsKeys("colour a", "colour b", "colour c");
        curves.values().forEach(points -> {
            assertThat(points).hasSize(101);
            double mass = points.stream().mapToDouble(point -> point[1]).sum();
            double mean =
                    points.stream().mapToDouble(point -> point[0] * point[1]).sum() / mass;
            assertThat(mean).isCloseTo(points.getFirst()[2], within(1e-3));
        });
    }

    @Test
    void grafana_may_read_what_it_shows_and_no_secret() {
        assertThatThrownBy(() -> grafana.queryForList("select * from signing_secret"))
                .rootCause()
                .hasMessageContaining("permission denied");
        assertThatThrownBy(() -> grafana.update("delete from posterior_densities"))
                .rootCause()
                .hasMessageContaining("permission denied");
    }

    @Test
    void every_promql_expression_reads_metrics_and_labels_that_the_service_has() throws Exception {
        // After the first collection and the first look at Kafka all are there.
        await().atMost(PATIENCE).untilAsserted(() -> {
            Scrape scrape = Scrape.of(service.url());
            for (Expression expression : GrafanaFiles.expressions()) {
                check(expression, PromQl.parse(expression.expr()), scrape);
            }
        });
        JsonNode replicas = GrafanaFiles.dashboard("operations").at("/templating/list/0/query/query");
        assertThat(replicas.asString()).isEqualTo("label_values(bandit_decisions_total, instance)");
        assertThat(Scrape.of(service.url()).has("bandit_decisions_total")).isTrue();
    }

    private static void check(Expression expression, PromQl parsed, Scrape scrape) {
        assertThat(parsed.selectors()).as(expression.where()).isNotEmpty().allMatch(scrape::matches);
        Set<String> labels = new TreeSet<>();
        parsed.groupings().forEach(grouping -> {
            labels.addAll(grouping.labels());
            assertThat(grouping.of())
                    .as("%s, by %s", expression.where(), grouping.labels())
                    .allMatch(selector -> scrape.isLabelled(selector.metric(), grouping.labels()));
        });
        Set<String> shown = LABEL.matcher(expression.texts())
                .results()
                .map(match -> match.group(1) == null ? match.group(2) : match.group(1))
                .collect(Collectors.toSet());
        assertThat(labels).as(expression.where()).containsAll(shown);
    }

    private record Result(String sql, List<String> columns, List<Map<String, Object>> rows) {}

    private Result run(String template) {
        String sql = new GrafanaSql(
                        start.minusSeconds(60), Instant.now(), Duration.ofSeconds(10), Map.of("experiment", EXPERIMENT))
                .expand(template);
        List<Map<String, Object>> rows = grafana.queryForList(sql);
        List<String> columns =
                rows.isEmpty() ? List.of() : List.copyOf(rows.getFirst().keySet());
        return new Result(sql, columns, rows);
    }

    private Instant newest() {
        java.sql.Timestamp tick =
                owner.queryForObject("select max(tick) from snapshot_ticks", java.sql.Timestamp.class);
        return tick == null ? Instant.EPOCH : tick.toInstant();
    }

    private static List<Map<String, String>> variants(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Map.of("name", i < 26 ? String.valueOf((char) ('a' + i)) : "arm" + i))
                .toList();
    }

    private ServiceProcess service() {
        return SERVICES.service(
                Servers.freshRedis(),
                database,
                "--bandit.config=" + Path.of("../docs/experiments.yaml").toAbsolutePath(),
                "--spring.kafka.bootstrap-servers=" + Servers.kafka().bootstrapServers(),
                "--bandit.kafka.rewards-topic=grafana-rewards",
                "--bandit.kafka.events-topic=grafana-events",
                "--bandit.kafka.group-id=grafana",
                "--bandit.kafka.measure=1s",
                "--bandit.sinks=postgres,csv",
                "--bandit.csv.folder=" + folder,
                "--bandit.totals.metrics-csv=" + folder.resolve("experiment_metrics.csv"),
                "--bandit.snapshot.interval=1s",
                "--bandit.snapshot.check=100ms");
    }

    private JdbcTemplate jdbc(String user, String password) {
        return new JdbcTemplate(new DriverManagerDataSource(database.jdbcUrl(), user, password));
    }
}
