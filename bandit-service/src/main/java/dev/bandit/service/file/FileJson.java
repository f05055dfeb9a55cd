package dev.bandit.service.file;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.bandit.service.experiment.Check;
import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.DefinitionJson;
import dev.bandit.service.experiment.DurationText;
import dev.bandit.service.experiment.InvalidDefinition;
import dev.bandit.service.experiment.Label;
import dev.bandit.service.file.ExperimentsFile.Csv;
import dev.bandit.service.file.ExperimentsFile.Dynamodb;
import dev.bandit.service.file.ExperimentsFile.Kafka;
import dev.bandit.service.file.ExperimentsFile.Sink;
import dev.bandit.service.problem.Text;
import io.swagger.v3.oas.annotations.media.ArraySchema;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.media.Schema.RequiredMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The file as it is written. These records and their annotations are the one description of its fields: {@link Shape} reads them, the
 * reader checks by it and the JSON Schema is made from it.
 */
record FileJson(
        @ArraySchema(
                minItems = 1,
                uniqueItems = true,
                arraySchema = @Schema(description = "Where snapshots go", defaultValue = "[\"postgres\"]"),
                schema = @Schema(allowableValues = {"postgres", "console", "csv", "dynamodb", "kafka"}))
        @Nullable
        List<@Nullable String> outputSink,

        @Schema(
                description = "How far apart snapshots are, 1s to 1d",
                defaultValue = "60s",
                pattern = DurationText.PATTERN)
        @Nullable
        String snapshotInterval,

        @Schema(description = "The sink csv") @Nullable CsvJson csv,

        @Schema(description = "Brokers and topics; nothing is read from or sent to Kafka until brokers are named")
        @Nullable
        KafkaJson kafka,

        @Schema(description = "The sink dynamodb") @Nullable DynamodbJson dynamodb,

        @ArraySchema(arraySchema = @Schema(description = "The experiments", requiredMode = RequiredMode.REQUIRED))
        @Nullable
        List<TestJson> tests) {

    private static final Duration DAY = Duration.ofDays(1);
    private static final int MAX_TEXT = 4_096;
    private static final Pattern BROKERS = Pattern.compile("[^\\s,:]+:[0-9]{1,5}(,[^\\s,:]+:[0-9]{1,5})*");
    private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");
    private static final Pattern TABLE = Pattern.compile("[A-Za-z0-9._-]{3,255}");
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,64}");

    /** See {@link Csv}. */
    record CsvJson(
            @Schema(description = "Where posteriors_<date>.csv is written", defaultValue = ".") @Nullable
            String folder) {}

    /** See {@link Kafka}. */
    record KafkaJson(
            @Schema(description = "host:port, several with commas", example = "localhost:9092") @Nullable
            String brokers,

            @Schema(description = "Exposures and successes come from here", defaultValue = "web-events") @Nullable
            String eventsTopic,

            @Schema(description = "Rewards come from here", defaultValue = "bandit.rewards") @Nullable
            String rewardsTopic,

            @Schema(description = "Snapshots go here", defaultValue = "posteriors_out") @Nullable
            String posteriorsTopic,

            @Schema(description = "Metrics go here", defaultValue = "metrics_out") @Nullable
            String metricsTopic) {}

    /** See {@link Dynamodb}. */
    record DynamodbJson(
            @Schema(defaultValue = "ab_posteriors", pattern = "^[A-Za-z0-9._-]{3,255}$") @Nullable
            String table,

            @Schema(defaultValue = "us-east-1") @Nullable String region,

            @Schema(
                    description = "Of a server that is not Amazon's",
                    example = "http://localhost:8000",
                    pattern = "^https?://")
            @Nullable
            String endpoint) {}

    /** One experiment: its id, and the fields that {@code PUT /experiments/{id}} has. */
    record TestJson(
            @Schema(
                    description = "The experiment's id",
                    requiredMode = RequiredMode.REQUIRED,
                    pattern = "^[A-Za-z0-9._-]{1,128}$",
                    example = "button-color-test")
            String testId,

            @JsonUnwrapped DefinitionJson definition) {}

    /**
     * What the parts before the tests say, with their defaults.
     *
     * @throws InvalidDefinition naming the first field that cannot stand
     */
    ExperimentsFile toDomain(SequencedMap<String, Definition> definitions) {
        KafkaJson streams = kafka == null ? new KafkaJson(null, null, null, null, null) : kafka;
        DynamodbJson table = dynamodb == null ? new DynamodbJson(null, null, null) : dynamodb;
        String folder = csv == null ? null : csv.folder();
        return new ExperimentsFile(
                sinks(),
                snapshotInterval == null ? Duration.ofSeconds(60) : interval(snapshotInterval),
                new Csv(folder == null ? "." : text("csv.folder", folder)),
                kafka(streams),
                dynamodb(table),
                definitions,
                settings(streams, table, folder));
    }

    private Set<Sink> sinks() {
        if (outputSink == null) {
            return EnumSet.of(Sink.POSTGRES);
        }
        if (outputSink.isEmpty()) {
            throw new InvalidDefinition("output_sink", "is empty, expected at least one sink");
        }
        Set<Sink> sinks = EnumSet.noneOf(Sink.class);
        for (int i = 0; i < outputSink.size(); i++) {
            String sink = outputSink.get(i);
            String field = "output_sink[" + i + "]";
            if (sink != null && !sinks.add(Label.parse(field, Sink.class, sink))) {
                throw new InvalidDefinition(field, "is " + sink + " again, expected each sink once");
            }
        }
        return sinks;
    }

    private static Duration interval(String text) {
        String field = "snapshot_interval";
        return Check.duration(field, DurationText.parse(field, text), Duration.ofSeconds(1), DAY);
    }

    private static Kafka kafka(KafkaJson json) {
        if (json.brokers() != null) {
            matching("kafka.brokers", json.brokers(), BROKERS, "host:port, several with commas");
        }
        Map<String, String> topics = new HashMap<>();
        return new Kafka(
                json.brokers(),
                topic(topics, "kafka.events_topic", json.eventsTopic(), "web-events"),
                topic(topics, "kafka.rewards_topic", json.rewardsTopic(), "bandit.rewards"),
                topic(topics, "kafka.posteriors_topic", json.posteriorsTopic(), "posteriors_out"),
                topic(topics, "kafka.metrics_topic", json.metricsTopic(), "metrics_out"));
    }

    private static String topic(Map<String, String> taken, String field, @Nullable String value, String standard) {
        String topic = value == null
                ? standard
                : matching(
                        field, value, TOPIC, "a topic's name: 1 to 249 letters, digits, dots, underscores or hyphens");
        String other = taken.putIfAbsent(topic, field);
        if (other != null) {
            throw new InvalidDefinition(
                    field, "is " + Check.shown(topic) + ", as " + other + " is, expected a topic of its own");
        }
        return topic;
    }

    private static Dynamodb dynamodb(DynamodbJson json) {
        return new Dynamodb(
                json.table() == null
                        ? "ab_posteriors"
                        : matching(
                                "dynamodb.table",
                                json.table(),
                                TABLE,
                                "3 to 255 letters, digits, dots, underscores or hyphens"),
                json.region() == null
                        ? "us-east-1"
                        : matching("dynamodb.region", json.region(), REGION, "a region such as us-east-1"),
                json.endpoint() == null ? null : endpoint(json.endpoint()));
    }

    private static URI endpoint(String text) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && Set.of("http", "https").contains(uri.getScheme())) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // told below
        }
        throw new InvalidDefinition(
                "dynamodb.endpoint", "is " + Check.shown(text) + ", expected an address such as http://localhost:8000");
    }

    private static String matching(String field, String value, Pattern form, String expected) {
        if (!form.matcher(value).matches()) {
            throw new InvalidDefinition(field, "is " + Check.shown(value) + ", expected " + expected);
        }
        return value;
    }

    private static String text(String field, String value) {
        if (value.isBlank() || !Text.printable(value, MAX_TEXT)) {
            throw new InvalidDefinition(field, "is " + Check.shown(value) + ", expected a folder");
        }
        return value;
    }

    private SequencedMap<String, String> settings(KafkaJson streams, DynamodbJson table, @Nullable String folder) {
        SequencedMap<String, @Nullable String> all = new LinkedHashMap<>();
        all.put("bandit.sinks", outputSink == null ? null : String.join(",", outputSink));
        all.put("bandit.snapshot.interval", snapshotInterval);
        all.put("bandit.csv.folder", folder);
        all.put("spring.kafka.bootstrap-servers", streams.brokers());
        all.put("bandit.kafka.events-topic", streams.eventsTopic());
        all.put("bandit.kafka.rewards-topic", streams.rewardsTopic());
        all.put("bandit.kafka.posteriors-topic", streams.posteriorsTopic());
        all.put("bandit.kafka.metrics-topic", streams.metricsTopic());
        all.put("bandit.dynamodb.table", table.table());
        all.put("bandit.dynamodb.region", table.region());
        all.put("bandit.dynamodb.endpoint", table.endpoint());
        SequencedMap<String, String> named = new LinkedHashMap<>();
        all.forEach((name, value) -> {
            if (value != null) {
                named.put(name, value);
            }
        });
        return named;
    }
}
