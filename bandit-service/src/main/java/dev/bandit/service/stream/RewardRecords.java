package dev.bandit.service.stream;

import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.problem.JsonErrors;
import dev.bandit.service.reward.Occurrence;
import dev.bandit.service.reward.RewardRequest;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** The rewards topic: what {@code POST /reward} takes, read as strictly. A CloudEvent's id names a reward that has no name of its own. */
final class RewardRecords implements RecordReader {

    private static final String EVENT_ID = "ce_id";

    private final ObjectReader reader;
    private final DecisionIds ids;

    RewardRecords(JsonMapper json, DecisionIds ids) {
        this.reader = json.readerFor(RewardRequest.class);
        this.ids = ids;
    }

    @Override
    public Occurrence read(ConsumerRecord<byte[], byte[]> record) {
        RewardRequest request = parse(reader, RewardRequest.class, record.value());
        Header eventId = record.headers().lastHeader(EVENT_ID);
        if (eventId != null && eventId.value() != null) {
            request = request.named(new String(eventId.value(), StandardCharsets.UTF_8));
        }
        return request.toDomain(ids);
    }

    /** @throws dev.bandit.service.problem.Problem 400 with the text that HTTP has for it */
    static <T> T parse(ObjectReader reader, Class<T> type, byte @Nullable [] value) {
        Object parsed;
        try {
            parsed = value == null || value.length == 0 ? null : reader.readValue(value);
        } catch (JacksonException e) {
            throw new UnreadableRecord(JsonErrors.of(e));
        }
        if (parsed == null) {
            throw new UnreadableRecord(JsonErrors.of(null));
        }
        return type.cast(parsed);
    }
}
