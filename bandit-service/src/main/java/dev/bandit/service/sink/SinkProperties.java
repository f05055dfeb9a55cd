package dev.bandit.service.sink;

import java.net.URI;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings {@code bandit.sinks}, {@code bandit.sink.*}, {@code bandit.csv.*}, {@code bandit.dynamodb.*} and two of {@code bandit.kafka.*}.
 *
 * @param sinks where snapshots go; to Postgres always, since the others are copied from there
 */
@ConfigurationProperties("bandit")
record SinkProperties(
        @DefaultValue("postgres") Set<Kind> sinks,
        @DefaultValue Following sink,
        @DefaultValue Csv csv,
        @DefaultValue DynamoDb dynamodb,
        @DefaultValue Kafka kafka) {

    enum Kind {
        POSTGRES,
        CONSOLE,
        CSV,
        DYNAMODB,
        KAFKA
    }

    /**
     * How the copies are kept up.
     *
     * @param check how often a new tick is looked for
     * @param retry the longest pause before a sink that failed is tried again
     * @param catchUp how far back a sink that was away is given what it missed
     */
    record Following(
            @DefaultValue("500ms") Duration check,
            @DefaultValue("30s") Duration retry,
            @DefaultValue("1d") Duration catchUp) {

        Following {
            positive("bandit.sink.check", check);
            positive("bandit.sink.retry", retry);
            positive("bandit.sink.catch-up", catchUp);
        }
    }

    /** @param folder where the files are, one a day; made when missing. A text, since Spring looks for paths like "." among the classes */
    record Csv(@DefaultValue(".") String folder) {}

    /** @param endpoint of a local DynamoDB, whose table is made when missing; null for AWS */
    record DynamoDb(
            @DefaultValue("ab_posteriors") String table,
            @DefaultValue(DynamoDbClients.REGION) String region,
            @Nullable URI endpoint) {}

    record Kafka(
            @DefaultValue("posteriors_out") String posteriorsTopic,
            @DefaultValue("metrics_out") String metricsTopic) {}

    private static void positive(String name, Duration duration) {
        if (duration.toMillis() < 1) {
            throw new IllegalArgumentException(name + " is " + duration + ", expected 1ms or more");
        }
    }
}
