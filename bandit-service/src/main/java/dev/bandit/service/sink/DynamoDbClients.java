package dev.bandit.service.sink;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClientBuilder;

/** How DynamoDB is talked to, by who writes snapshots and by who reads them back. Credentials come from the usual places of AWS. */
public final class DynamoDbClients {

    /** Where the table is unless somebody says otherwise. */
    public static final String REGION = "us-east-1";

    private static final Duration CALL = Duration.ofSeconds(10);
    private static final Duration CALL_ATTEMPT = Duration.ofSeconds(3);

    private DynamoDbClients() {}

    /** @param endpoint of a server that is not Amazon's; null for Amazon's */
    public static DynamoDbClient client(String region, @Nullable URI endpoint) {
        DynamoDbClientBuilder builder = DynamoDbClient.builder()
                .region(Region.of(region))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(options -> options.apiCallTimeout(CALL).apiCallAttemptTimeout(CALL_ATTEMPT));
        if (endpoint != null) {
            builder.endpointOverride(endpoint);
        }
        return builder.build();
    }

    /** What went wrong, in a line. */
    public static String problem(SdkException failure) {
        String message = String.valueOf(failure.getMessage());
        // Names every place it has looked in, at length.
        return message.startsWith("Unable to load credentials")
                ? "no AWS credentials were found"
                : message.lines().findFirst().orElse("");
    }
}
