package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.service.snapshot.SnapshotRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Reads back what {@link DynamoDbSink} wrote. */
final class DynamoDbTable {

    private DynamoDbTable() {}

    static List<SnapshotRow> rows(DynamoDbClient client, String table) {
        return client.scanPaginator(scan -> scan.tableName(table).consistentRead(true)).items().stream()
                .map(DynamoDbTable::row)
                .toList();
    }

    private static SnapshotRow row(Map<String, AttributeValue> item) {
        SnapshotRow row = new SnapshotRow(
                item.get("test_id").s(),
                item.get("variant").s(),
                Instant.parse(item.get("timestamp").s()),
                number(item, "alpha"),
                number(item, "beta"),
                Long.parseLong(item.get("exposures_inc").n()),
                number(item, "successes_inc"),
                Long.parseLong(item.get("exposures_total").n()),
                number(item, "successes_total"),
                Boolean.TRUE.equals(item.get("success_rate_total").nul()) ? null : number(item, "success_rate_total"),
                number(item, "mean"),
                number(item, "ci_low"),
                number(item, "ci_high"),
                number(item, "prob_best"),
                number(item, "expected_loss"));
        assertThat(item.get("test_id#variant").s()).isEqualTo(row.testId() + "#" + row.variant());
        return row;
    }

    private static double number(Map<String, AttributeValue> item, String name) {
        return Double.parseDouble(item.get(name).n());
    }
}
