package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.sink.SinkProperties.DynamoDb;
import dev.bandit.service.snapshot.SnapshotRow;
import dev.bandit.service.testing.DynamoDbLocal;
import dev.bandit.service.testing.Servers;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

@Timeout(120)
class DynamoDbSinkTest {

    private final String table = "t-" + UUID.randomUUID();
    private final DynamoDbLocal server = Servers.dynamoDb();
    private final DynamoDbSink sink = new DynamoDbSink(new DynamoDb(table, "us-east-1", server.endpoint()));
    private final DynamoDbClient client = server.client();

    @BeforeEach
    void logIn() {
        DynamoDbLocal.logIn();
    }

    @AfterEach
    void close() {
        sink.close();
        client.close();
    }

    @Test
    void a_row_is_an_item_with_every_column() throws IOException {
        SnapshotRow row =
                new SnapshotRow("t", "a", Rows.NOON, 3, 2.5, 3, 2, 3, 2, 2 / 3.0, 0.1, 0.2, 0.9, 1e-9, 1e-300);
        SnapshotRow unseen = new SnapshotRow("t", "b", Rows.NOON, 1, 1, 0, 0, 0, 0, null, 0.5, 0.1, 0.9, 0.5, 0.25);
        sink.write(List.of(new Tick(Rows.NOON, List.of(row, unseen))));

        Map<String, AttributeValue> item = client.getItem(get -> get.tableName(table)
                        .key(Map.of(
                                "test_id#variant",
                                AttributeValue.fromS("t#a"),
                                "timestamp",
                                AttributeValue.fromS("2026-03-01T12:00:00.000Z"))))
                .item();
        assertThat(item).hasSize(16);
        assertThat(item.get("test_id").s()).isEqualTo("t");
        assertThat(item.get("variant").s()).isEqualTo("a");
        assertThat(item.get("exposures_inc").n()).isEqualTo("3");
        // DynamoDB has no number as near to zero as this one.
        assertThat(item.get("expected_loss").n()).isEqualTo("0");
        assertThat(DynamoDbTable.rows(client, table))
                .containsExactlyInAnyOrder(
                        new SnapshotRow("t", "a", Rows.NOON, 3, 2.5, 3, 2, 3, 2, 2 / 3.0, 0.1, 0.2, 0.9, 1e-9, 0),
                        unseen);
    }

    @Test
    void a_tick_written_twice_stands_there_once() throws IOException {
        List<Tick> ticks = List.of(Rows.tick(Rows.NOON, 3, 20), Rows.tick(Rows.NOON.plusMillis(100), 3, 20));
        sink.write(ticks.subList(0, 1));
        sink.write(ticks);
        sink.write(ticks);

        assertThat(DynamoDbTable.rows(client, table))
                .containsExactlyInAnyOrderElementsOf(
                        ticks.stream().flatMap(tick -> tick.rows().stream()).toList());
    }

    @Test
    void a_server_that_is_away_fails_the_write_and_takes_the_next() throws IOException {
        DynamoDbLocal own = Servers.newDynamoDb().start();
        Instant next = Rows.NOON.plusSeconds(60);
        DynamoDbSink there = new DynamoDbSink(new DynamoDb(table, "us-east-1", own.endpoint()));
        there.write(List.of(Rows.tick(Rows.NOON, 1, 2)));
        own.kill();
        assertThatThrownBy(() -> there.write(List.of(Rows.tick(next, 1, 2)))).isInstanceOf(IOException.class);
        own.start();
        there.write(List.of(Rows.tick(next, 1, 2)));
        try (DynamoDbClient reader = own.client()) {
            assertThat(DynamoDbTable.rows(reader, table)).hasSize(4);
        }
        there.close();
        own.kill();
    }
}
