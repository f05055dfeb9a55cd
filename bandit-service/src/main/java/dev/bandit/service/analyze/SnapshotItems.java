package dev.bandit.service.analyze;

import dev.bandit.service.sink.DynamoDbClients;
import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;

/** The items of a DynamoDB table, as the dynamodb sink writes them: all of them, a page at a time. */
final class SnapshotItems implements SnapshotSource {

    private final String table;
    private final String region;
    private final @Nullable URI endpoint;

    /** @param endpoint of a server that is not Amazon's; null for Amazon's */
    SnapshotItems(String table, String region, @Nullable URI endpoint) {
        this.table = table;
        this.region = region;
        this.endpoint = endpoint;
    }

    @Override
    public void read(Consumer<Snapshot> each) {
        try (var client = DynamoDbClients.client(region, endpoint)) {
            client.scanPaginator(scan -> scan.tableName(table)).items().forEach(item -> each.accept(snapshot(item)));
        } catch (ResourceNotFoundException e) {
            throw new AnalysisFailed(
                    "%s: there is no such table %s, expected one that the dynamodb sink has written"
                            .formatted(this, endpoint == null ? "in " + region : "at " + endpoint),
                    e);
        } catch (SdkException e) {
            throw new AnalysisFailed("%s: cannot be read: %s".formatted(this, DynamoDbClients.problem(e)), e);
        }
    }

    /** A table has its items in the order of a hash. */
    @Override
    public boolean inOrder() {
        return false;
    }

    @Override
    public String toString() {
        return "dynamodb:" + table;
    }

    private Snapshot snapshot(Map<String, AttributeValue> item) {
        try {
            return SnapshotFields.snapshot(SnapshotFields.ofItem(name -> text(item.get(name))));
        } catch (SnapshotFields.Wrong e) {
            throw new AnalysisFailed(
                    "%s: item '%s' of '%s': %s"
                            .formatted(
                                    this,
                                    text(item.get(SnapshotFields.ITEM_KEY)),
                                    text(item.get("timestamp")),
                                    e.getMessage()),
                    e);
        }
    }

    private static @Nullable String text(@Nullable AttributeValue attribute) {
        if (attribute == null) {
            return null;
        }
        if (attribute.s() != null) {
            return attribute.s();
        }
        return attribute.n() == null ? "" : attribute.n();
    }
}
