package dev.bandit.service.stream;

import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.problem.InvalidRequest;
import dev.bandit.service.problem.Text;
import dev.bandit.service.reward.Occurrence;
import dev.bandit.service.reward.Reward;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * The events topic. The experiment says which event type is an exposure and which a success; every other type is passed over, whatever else
 * its event says. A test or an arm that we do not know, a missing field, and an event older than what is remembered are poison: nobody could
 * tell any more whether such an old event has been counted.
 */
final class EventRecords implements RecordReader {

    private static final int MAX_NAME = 256;

    private final ObjectReader reader;
    private final ExperimentRegistry experiments;
    private final Duration remember;
    private final Clock clock;

    EventRecords(JsonMapper json, ExperimentRegistry experiments, Duration remember, Clock clock) {
        this.reader = json.readerFor(WebEvent.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        this.experiments = experiments;
        this.remember = remember;
        this.clock = clock;
    }

    @Override
    public @Nullable Occurrence read(ConsumerRecord<byte[], byte[]> record) {
        WebEvent event = RewardRecords.parse(reader, WebEvent.class, record.value());
        String type = present("event_type", event.eventType());
        Experiment experiment = experiments.get(id("test_id", event.testId()));
        Definition definition = experiment.definition();
        boolean exposure = type.equals(definition.exposureEvent());
        if (!exposure && !type.equals(definition.successEvent())) {
            return null;
        }
        String name = name("event_id", event.eventId());
        String arm = id("variant", event.variant());
        if (experiment.armIndex(arm).isEmpty()) {
            throw new InvalidRequest("variant", "is '" + arm + "', expected an arm of '" + experiment.id() + "'");
        }
        String unit = name("user_id", event.userId() == null ? key(record) : event.userId());
        requireRecent(present("timestamp", event.timestamp()));
        double value = event.value() == null ? 1 : event.value();
        if (!(value >= 0 && value <= 1)) {
            throw new InvalidRequest("value", "is " + value + ", expected a number from 0 to 1");
        }
        return exposure
                ? new Occurrence.Exposure(experiment.id(), arm, unit, name)
                : new Reward.OfArm(experiment.id(), arm, unit, Reward.micros(value), name);
    }

    private void requireRecent(String timestamp) {
        Instant at;
        try {
            at = Instant.parse(timestamp);
        } catch (DateTimeException e) {
            throw new InvalidRequest("timestamp", "is not a time, expected one such as 2026-11-22T15:04:05.123Z");
        }
        if (at.isBefore(clock.instant().minus(remember))) {
            throw new EventTooOld(timestamp, remember.toDays() + " days");
        }
    }

    private static @Nullable String key(ConsumerRecord<byte[], byte[]> record) {
        return record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
    }

    private static String name(String field, @Nullable String text) {
        if (!Text.printable(present(field, text), MAX_NAME)) {
            throw new InvalidRequest(
                    field, "is not a name, expected 1 to " + MAX_NAME + " characters, no control characters");
        }
        return present(field, text);
    }

    private static String id(String field, @Nullable String text) {
        if (!Experiment.isId(present(field, text))) {
            throw new InvalidRequest(field, "is not an id, expected 1 to 128 of A-Z a-z 0-9 . _ -");
        }
        return present(field, text);
    }

    private static String present(String field, @Nullable String text) {
        if (text == null) {
            throw new InvalidRequest(field, "is missing, expected a text");
        }
        return text;
    }
}
