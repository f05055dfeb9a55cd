package dev.bandit.service.stream;

import dev.bandit.service.reward.Occurrence;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What the records of one topic mean. */
@FunctionalInterface
interface RecordReader {

    /**
     * What happened; null when it is none of our business.
     *
     * @throws dev.bandit.service.problem.Problem when the record is poison, or, from 500, when that cannot be told at the moment
     */
    @Nullable
    Occurrence read(ConsumerRecord<byte[], byte[]> record);
}
