package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.snapshot.SnapshotRow;
import dev.bandit.service.snapshot.SnapshotTable;
import dev.bandit.service.testing.DynamoDbLocal;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessClient;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** All sinks at once, behind two replicas that learn. */
@Timeout(300)
class SinksIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<String> OTHERS = List.of("console", "csv", "kafka");

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    @TempDir
    Path folder;

    private final String redisUrl = Servers.freshRedis();
    private final Database database = Servers.freshDatabase();
    private final DynamoDbLocal dynamoDb = Servers.newDynamoDb().start();
    private final String brokers = Servers.kafka().bootstrapServers();
    private final JdbcTemplate postgres =
            new JdbcTemplate(new DriverManagerDataSource(database.jdbcUrl(), database.username(), database.password()));
    private final SnapshotTable snapshots =
            new SnapshotTable(postgres, new JdbcTransactionManager(postgres.getDataSource()));

    @Test
    void every_sink_holds_the_same_numbers_and_one_that_is_away_delays_only_itself() throws Exception {
        ServiceProcess first = service().launch();
        ServiceProcess second = service().launch();
        first.awaitReady();
        second.awaitReady();
        AtomicBoolean done = new AtomicBoolean();
        Thread traffic = learn(second.client(), done);

        awaitTick("dynamodb", Instant.now());
        dynamoDb.kill();
        Instant killed = Instant.now();
        for (String other : OTHERS) {
            awaitTick(other, killed.plusSeconds(5));
        }
        assertThat(tick("dynamodb")).isBefore(killed.plusSeconds(1));
        assertThat(failures(first) + failures(second)).isPositive();
        assertOnce(OTHERS.stream().map(this::tick).min(Instant::compareTo).orElseThrow(), first, second);

        dynamoDb.start();
        awaitTick("dynamodb", Instant.now());
        first.kill9();
        Instant dead = Instant.now();
        awaitTick("dynamodb", dead.plusSeconds(2));
        for (String other : OTHERS) {
            awaitTick(other, dead.plusSeconds(2));
        }
        done.set(true);
        traffic.join();
        second.stop();

        Instant end = Stream.of("console", "csv", "kafka", "dynamodb")
                .map(this::tick)
                .min(Instant::compareTo)
                .orElseThrow();
        List<SnapshotRow> expected = rows(end);
        assertThat(expected.stream().map(SnapshotRow::timestamp).distinct()).hasSizeGreaterThan(10);
        assertThat(expected).anyMatch(row -> row.successesTotal() > 0 && row.expectedLoss() > 0);
        assertThat(until(end, csv())).containsExactlyInAnyOrderElementsOf(expected);
        try (DynamoDbClient client = dynamoDb.client()) {
            assertThat(until(end, DynamoDbTable.rows(client, "posteriors")))
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
        // Of the replica that was killed amid a write, some may come twice.
        assertThat(until(end, kafka()).stream().distinct()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(console(end, first, second).stream().distinct())
                .containsExactlyInAnyOrderElementsOf(
                        expected.stream().map(SnapshotRow::timestamp).distinct().toList());
        dynamoDb.kill();
    }

    /** While no replica has died, each tick is in each sink once. */
    private void assertOnce(Instant end, ServiceProcess... replicas) throws IOException {
        List<SnapshotRow> expected = rows(end);
        assertThat(expected).isNotEmpty();
        assertThat(until(end, kafka())).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(until(end, csv())).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(console(end, replicas))
                .containsExactlyInAnyOrderElementsOf(
                        expected.stream().map(SnapshotRow::timestamp).distinct().toList());
    }

    private ServiceProcess service() {
        List<String> options = new ArrayList<>(DynamoDbLocal.CREDENTIALS);
        options.addAll(List.of(
                "--bandit.sinks=postgres,console,csv,dynamodb,kafka",
                "--bandit.csv.folder=" + folder,
                "--bandit.dynamodb.table=posteriors",
                "--bandit.dynamodb.endpoint=" + dynamoDb.endpoint(),
                "--spring.kafka.bootstrap-servers=" + brokers,
                "--bandit.kafka.posteriors-topic=" + topic(),
                "--bandit.kafka.metrics-topic=" + topic() + "-metrics",
                "--bandit.snapshot.interval=1s",
                "--bandit.snapshot.check=100ms",
                "--bandit.sink.check=100ms",
                "--bandit.sink.retry=1s"));
        return services.service(redisUrl, database, options.toArray(String[]::new));
    }

    private String topic() {
        return "posteriors-" + database.jdbcUrl().replaceAll(".*/", "");
    }

    /** Decisions and rewards without end. */
    private static Thread learn(ServiceProcessClient client, AtomicBoolean done) {
        for (String test : List.of("colour", "size")) {
            Answer made = client.put(
                    "/experiments/" + test,
                    Map.of("variants", List.of(Map.of("name", "a"), Map.of("name", "b"), Map.of("name", "c"))));
            assertThat(made.status()).isEqualTo(201);
        }
        return Thread.ofVirtual().start(() -> {
            Random random = new Random(1);
            while (!done.get()) {
                String test = random.nextBoolean() ? "colour" : "size";
                String decision =
                        client.post("/select", Map.of("experiment_id", test)).text("decision_id");
                client.post("/reward", Map.of("decision_id", decision, "reward", random.nextInt(1_000_001) / 1e6));
            }
        });
    }

    private void awaitTick(String sink, Instant time) {
        await(sink).atMost(PATIENCE).until(() -> !tick(sink).isBefore(time));
    }

    private Instant tick(String sink) {
        return postgres.query(
                        "select tick from sink_progress where sink = ?",
                        (row, i) -> row.getTimestamp(1).toInstant(),
                        sink)
                .getFirst();
    }

    private static double failures(ServiceProcess service) {
        return service.client().metric("bandit_sink_failures_total{sink=\"dynamodb\"}");
    }

    private List<SnapshotRow> rows(Instant end) {
        return snapshots.ticksAfter(Instant.EPOCH, 10_000).stream()
                .filter(tick -> !tick.isAfter(end))
                .flatMap(tick -> snapshots.rows(tick).stream())
                .toList();
    }

    private List<SnapshotRow> csv() throws IOException {
        List<SnapshotRow> rows = new ArrayList<>();
        try (var files = Files.newDirectoryStream(folder, "posteriors_*.csv")) {
            for (Path file : files) {
                CsvFile.ticks(file).forEach(tick -> rows.addAll(tick.rows()));
            }
        }
        return rows;
    }

    private List<SnapshotRow> kafka() {
        return KafkaTopic.read(brokers, topic()).stream().map(KafkaTopic::row).toList();
    }

    private static List<Instant> console(Instant end, ServiceProcess... replicas) {
        return Stream.of(replicas)
                .flatMap(replica -> replica.output().lines())
                .filter(line -> line.contains("INFO  posteriors at "))
                .map(line -> Instant.parse(line.substring(line.indexOf("posteriors at ") + 14)))
                .filter(tick -> !tick.isAfter(end))
                .toList();
    }

    private static List<SnapshotRow> until(Instant end, List<SnapshotRow> rows) {
        return rows.stream().filter(row -> !row.timestamp().isAfter(end)).toList();
    }
}
