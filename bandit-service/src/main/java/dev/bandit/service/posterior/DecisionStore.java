package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.Relay;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.Script;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts decisions on record in Redis, a batch of one stream in one script call, once however often it is delivered. */
@Component
public class DecisionStore {

    private static final long PARTLY = 3;

    private final FencedStore store;
    private final Relay relay;

    DecisionStore(FencedStore store, Relay relay) {
        this.store = store;
        this.relay = relay;
    }

    /**
     * Decisions of one stream in the order of their counters.
     *
     * @param stream name of the stream
     * @param events what they are
     * @param records the same, as the outbox has them
     */
    public record Batch(long stream, List<LedgerEvent> events, List<byte[]> records) {

        /**
         * Reads them.
         *
         * @param records one decision each, as {@link LedgerEvent#readAll} reads it
         * @throws RuntimeException if one is no decision
         */
        public static Batch read(long stream, List<byte[]> records) {
            return new Batch(
                    stream,
                    records.stream()
                            .map(record -> LedgerEvent.readAll(record).getFirst())
                            .toList(),
                    records);
        }

        private Batch from(int index) {
            return new Batch(stream, events.subList(index, events.size()), records.subList(index, records.size()));
        }
    }

    /** Delivers now or fails now. */
    public CompletableFuture<@Nullable Void> deliver(Experiment experiment, Batch batch) {
        List<LedgerEvent> events = batch.events;
        Map<String, Integer> arms = new LinkedHashMap<>();
        ByteArrayOutputStream joined = new ByteArrayOutputStream(128 * events.size());
        events.forEach(event -> arms.merge(event.armId(), 1, Integer::sum));
        batch.records.forEach(joined::writeBytes);

        Keys keys = Keys.of(experiment.id());
        List<byte[]> names = new ArrayList<>(4 + arms.size());
        names.add(keys.counts());
        names.add(keys.outbox());
        names.add(keys.streams());
        names.add(keys.open());
        List<byte[]> args = new ArrayList<>(5 + 2 * arms.size());
        args.add(arg(experiment.definition().feedback().label()));
        args.add(arg(Long.toHexString(batch.stream)));
        args.add(arg(counter(events.getFirst())));
        args.add(arg(counter(events.getLast())));
        args.add(joined.toByteArray());
        arms.forEach((arm, count) -> {
            names.add(keys.beta(arm));
            args.add(arg(arm));
            args.add(arg(count));
        });
        return store.runNow(experiment, Script.DECISIONS, names, args).thenCompose(reply -> {
            relay.wrote(experiment.id());
            if ((Long) reply.get(1) != PARTLY) {
                return CompletableFuture.completedFuture(null);
            }
            // After a crash the journal may hold a part of what one batch had before.
            long last = (Long) reply.get(2);
            int known = 0;
            while (counter(events.get(known)) <= last) {
                known++;
            }
            return deliver(experiment, batch.from(known));
        });
    }

    private static long counter(LedgerEvent decision) {
        return decision.eventId().getLeastSignificantBits();
    }
}
