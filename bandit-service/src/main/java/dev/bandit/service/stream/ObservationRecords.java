package dev.bandit.service.stream;

import dev.bandit.service.decision.DecisionIds;
import dev.bandit.service.reward.ObservationRequest;
import dev.bandit.service.reward.Occurrence;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** The observations topic: what {@code POST /observe} takes, read as strictly. */
final class ObservationRecords implements RecordReader {

    private final ObjectReader reader;
    private final DecisionIds ids;

    ObservationRecords(JsonMapper json, DecisionIds ids) {
        this.reader = json.readerFor(ObservationRequest.class);
        this.ids = ids;
    }

    @Override
    public Occurrence read(ConsumerRecord<byte[], byte[]> record) {
        return RewardRecords.parse(reader, ObservationRequest.class, record.value())
                .toDomain(ids);
    }
}
