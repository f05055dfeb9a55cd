package dev.bandit.service.stream;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** What became of the records of one topic. */
final class StreamMetrics {

    enum Outcome {
        /** Counted now, or on record as late. */
        APPLIED,
        /** Counted before, or a dead letter before. */
        DUPLICATE,
        /** Another value than before: not counted, the first one stands. */
        CONFLICT,
        /** An event of a type that its experiment does not name. */
        IGNORED,
        /** Now a dead letter. */
        POISON
    }

    private final Map<Outcome, Counter> records = new EnumMap<>(Outcome.class);
    private final AtomicBoolean paused = new AtomicBoolean();

    StreamMetrics(MeterRegistry metrics, String topic) {
        for (Outcome outcome : Outcome.values()) {
            records.put(
                    outcome,
                    Counter.builder("bandit.stream.records")
                            .description("Records read from Kafka by what became of them")
                            .tag("topic", topic)
                            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
                            .register(metrics));
        }
        Gauge.builder("bandit.stream.paused", paused, state -> state.get() ? 1 : 0)
                .description("1 while the topic is not read because Redis, or what else is waited for, is away")
                .tag("topic", topic)
                .register(metrics);
    }

    void count(Outcome outcome) {
        Objects.requireNonNull(records.get(outcome)).increment();
    }

    void paused(boolean now) {
        paused.set(now);
    }
}
