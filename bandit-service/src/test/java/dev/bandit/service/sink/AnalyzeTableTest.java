package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.analyze.Analysis;
import dev.bandit.service.analyze.AnalysisFailed;
import dev.bandit.service.analyze.AnalysisJson;
import dev.bandit.service.sink.SinkProperties.DynamoDb;
import dev.bandit.service.snapshot.SnapshotRow;
import dev.bandit.service.testing.DynamoDbLocal;
import dev.bandit.service.testing.Servers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** What the dynamodb sink wrote, read back by {@code bandit analyze dynamodb:TABLE}. */
@Timeout(120)
class AnalyzeTableTest {

    private static final String REGION = "us-east-1";

    private final String table = "t-" + UUID.randomUUID();
    private final DynamoDbLocal server = Servers.dynamoDb();
    private final DynamoDbSink sink = new DynamoDbSink(new DynamoDb(table, REGION, server.endpoint()));

    @TempDir
    private Path folder;

    @BeforeEach
    void logIn() {
        DynamoDbLocal.logIn();
    }

    @AfterEach
    void close() {
        sink.close();
    }

    /** A page holds a megabyte: what others have noted in the items makes them that large. */
    @Test
    void a_table_of_many_pages_says_the_same_as_the_csv_of_the_same_ticks() throws IOException {
        List<Tick> ticks = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < 10; i++) {
            ticks.add(tick(Rows.NOON.plusSeconds(60L * i), random));
        }
        sink.write(ticks);
        try (CsvSink csv = new CsvSink(folder)) {
            csv.write(ticks);
        }
        try (DynamoDbClient client = server.client()) {
            AttributeValue note = AttributeValue.fromS("x".repeat(300_000));
            for (Map<String, AttributeValue> item :
                    client.scan(scan -> scan.tableName(table)).items().subList(0, 10)) {
                client.updateItem(update -> update.tableName(table)
                        .key(Map.of("test_id#variant", item.get("test_id#variant"), "timestamp", item.get("timestamp")))
                        .updateExpression("set note = :note")
                        .expressionAttributeValues(Map.of(":note", note)));
            }
            assertThat(client.scan(scan -> scan.tableName(table)).hasLastEvaluatedKey())
                    .isTrue();
        }

        assertThat(json(fromTable(null))).isEqualTo(json(Analysis.of(csv(), null)));
        assertThat(json(fromTable("test-1"))).isEqualTo(json(Analysis.of(csv(), "test-1")));
    }

    @Test
    void what_cannot_be_read_is_told() throws IOException {
        assertFails(
                table,
                server.endpoint(),
                ": there is no such table at " + server.endpoint()
                        + ", expected one that the dynamodb sink has written");
        assertFails(table, URI.create("http://127.0.0.1:1"), ": cannot be read: ");

        sink.write(List.of(Rows.tick(Rows.NOON, 1, 2)));
        assertThatThrownBy(() -> fromTable("nowhere"))
                .isInstanceOf(AnalysisFailed.class)
                .hasMessageStartingWith("dynamodb:" + table + ": has no test nowhere, expected one of ");
        try (DynamoDbClient client = server.client()) {
            Map<String, AttributeValue> item = new HashMap<>();
            item.put("test_id#variant", AttributeValue.fromS("t#a"));
            item.put("timestamp", AttributeValue.fromS("2026-03-01T12:00:00Z"));
            client.putItem(put -> put.tableName(table).item(item));
        }
        assertFails(
                table, server.endpoint(), ": item 't#a' of '2026-03-01T12:00:00Z': alpha is missing, expected a value");
    }

    @Test
    void missing_credentials_are_told() {
        Map<String, String> usual = new HashMap<>();
        for (String name : List.of("aws.accessKeyId", "aws.secretAccessKey")) {
            usual.put(name, String.valueOf(System.clearProperty(name)));
        }
        System.setProperty("aws.ec2MetadataDisabled", "true");
        System.setProperty("aws.sharedCredentialsFile", folder.resolve("none").toString());
        System.setProperty("aws.configFile", folder.resolve("none").toString());
        try {
            assertFails(table, server.endpoint(), ": cannot be read: no AWS credentials were found");
        } finally {
            usual.forEach(System::setProperty);
            List.of("aws.ec2MetadataDisabled", "aws.sharedCredentialsFile", "aws.configFile")
                    .forEach(System::clearProperty);
        }
    }

    private static Tick tick(Instant time, Random random) {
        List<SnapshotRow> rows = new ArrayList<>();
        for (String test : List.of("test-0", "test-1")) {
            for (char arm = 'a'; arm < 'a' + 3; arm++) {
                SnapshotRow row = Rows.row(test, "arm-" + arm, time, random);
                double beta = 1 + random.nextInt(1_000_000) / 1e3;
                rows.add(new SnapshotRow(
                        row.testId(),
                        row.variant(),
                        time,
                        row.alpha(),
                        beta,
                        row.exposuresInc(),
                        row.successesInc(),
                        row.exposuresTotal(),
                        row.successesTotal(),
                        row.successRateTotal(),
                        row.mean(),
                        row.ciLow(),
                        row.ciHigh(),
                        row.probBest(),
                        row.expectedLoss()));
            }
        }
        return new Tick(time, rows);
    }

    private static void assertFails(String table, URI endpoint, String problem) {
        assertThatThrownBy(() -> Analysis.ofTable(table, REGION, endpoint, null))
                .isInstanceOf(AnalysisFailed.class)
                .hasMessageStartingWith("dynamodb:" + table + problem)
                .message()
                .hasLineCount(1);
    }

    private Analysis fromTable(String test) {
        return Analysis.ofTable(table, REGION, server.endpoint(), test);
    }

    private static String json(Analysis analysis) {
        return AnalysisJson.from(analysis).text();
    }

    private Path csv() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".csv"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
