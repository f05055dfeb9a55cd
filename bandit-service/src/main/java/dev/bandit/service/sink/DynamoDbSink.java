package dev.bandit.service.sink;

import dev.bandit.service.sink.SinkProperties.DynamoDb;
import dev.bandit.service.snapshot.SnapshotRow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.ResourceInUseException;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/**
 * An item a row: hash key {@code test_id#variant}, range key {@code timestamp}, and all columns as attributes. A row written again
 * replaces itself.
 */
final class DynamoDbSink implements Sink {

    private static final Logger log = LoggerFactory.getLogger(DynamoDbSink.class);

    /** What DynamoDB takes in one request. */
    private static final int BATCH = 25;

    private static final int ATTEMPTS = 8;
    private static final long FIRST_PAUSE_MS = 50;

    /** DynamoDB refuses numbers that are nearer to zero, but not zero. */
    private static final double SMALLEST = 1e-130;

    private final DynamoDb settings;
    private @Nullable DynamoDbClient client;

    DynamoDbSink(DynamoDb settings) {
        this.settings = settings;
    }

    @Override
    public void write(List<Tick> ticks) throws IOException {
        List<WriteRequest> items = new ArrayList<>();
        ticks.forEach(tick -> tick.rows().forEach(row -> items.add(put(row))));
        try {
            for (int from = 0; from < items.size(); from += BATCH) {
                List<WriteRequest> some = items.subList(from, Math.min(from + BATCH, items.size()));
                try {
                    write(connected(), some);
                } catch (ResourceNotFoundException e) {
                    createTable(connected());
                    write(connected(), some);
                }
            }
        } catch (SdkException e) {
            throw new IOException(DynamoDbClients.problem(e), e);
        }
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }

    /** Made when it is first needed: credentials may come later than the service. */
    private DynamoDbClient connected() {
        if (client == null) {
            client = DynamoDbClients.client(settings.region(), settings.endpoint());
        }
        return client;
    }

    private void write(DynamoDbClient to, List<WriteRequest> items) throws IOException {
        Map<String, List<WriteRequest>> left = Map.of(settings.table(), items);
        long pause = FIRST_PAUSE_MS;
        for (int attempt = 1; !left.isEmpty(); attempt++) {
            Map<String, List<WriteRequest>> request = left;
            left = to.batchWriteItem(batch -> batch.requestItems(request)).unprocessedItems();
            if (!left.isEmpty()) {
                if (attempt == ATTEMPTS) {
                    throw new IOException("table " + settings.table() + " is throttled");
                }
                pause(pause);
                pause *= 2;
            }
        }
    }

    /** In front of a local DynamoDB only: in AWS a table is somebody's decision, and somebody's bill. */
    private void createTable(DynamoDbClient in) throws IOException {
        if (settings.endpoint() == null) {
            throw new IOException("there is no table " + settings.table() + " in " + settings.region()
                    + "; make one with hash key \"" + Columns.KEY + "\" and range key \"timestamp\", both strings");
        }
        try {
            in.createTable(table -> table.tableName(settings.table())
                    .billingMode(BillingMode.PAY_PER_REQUEST)
                    .attributeDefinitions(attribute(Columns.KEY), attribute("timestamp"))
                    .keySchema(key(Columns.KEY, KeyType.HASH), key("timestamp", KeyType.RANGE)));
            log.info("made the DynamoDB table {} at {}", settings.table(), settings.endpoint());
        } catch (ResourceInUseException e) {
            log.debug("another replica has just made the table", e);
        }
        in.waiter().waitUntilTableExists(table -> table.tableName(settings.table()));
    }

    private static AttributeDefinition attribute(String name) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    private static KeySchemaElement key(String name, KeyType type) {
        return KeySchemaElement.builder().attributeName(name).keyType(type).build();
    }

    private static WriteRequest put(SnapshotRow row) {
        Map<String, AttributeValue> item = new HashMap<>();
        item.put(Columns.KEY, AttributeValue.fromS(Columns.key(row)));
        Columns.of(row).forEach((name, value) -> item.put(name, attributeValue(value)));
        return WriteRequest.builder()
                .putRequest(PutRequest.builder().item(item).build())
                .build();
    }

    private static AttributeValue attributeValue(@Nullable Object value) {
        return switch (value) {
            case null -> AttributeValue.fromNul(true);
            case Double number when Math.abs(number) < SMALLEST -> AttributeValue.fromN("0");
            case Number number -> AttributeValue.fromN(number.toString());
            default -> AttributeValue.fromS(value.toString());
        };
    }

    private static void pause(long ms) throws IOException {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
