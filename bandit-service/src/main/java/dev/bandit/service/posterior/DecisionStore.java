package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.Relay;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Component;

/** Puts decisions on record in Redis, a batch of one stream in one script call, once however often it is delivered. */
@Component
public class DecisionStore {

    /**
     * Consecutive decisions of one stream.
     *
     * @param stream the stream's name
     * @param first counter of the first
     * @param last counter of the last
     * @param arms how many decisions each arm got
     * @param events what goes to the outbox, as {@link dev.bandit.service.ledger.LedgerEvent#readAll} reads it
     */
    public record Batch(long stream, long first, long last, Map<String, Integer> arms, byte[] events) {}

    private final FencedStore store;
    private final Relay relay;

    DecisionStore(FencedStore store, Relay relay) {
        this.store = store;
        this.relay = relay;
    }

    /** Delivers now or fails now. */
    public CompletableFuture<?> deliver(Experiment experiment, Batch batch) {
        Keys keys = Keys.of(experiment.id());
        List<byte[]> names = new ArrayList<>(4 + batch.arms.size());
        names.add(keys.counts());
        names.add(keys.outbox());
        names.add(keys.streams());
        names.add(keys.open());
        List<byte[]> args = new ArrayList<>(6 + 2 * batch.arms.size());
        args.add(arg(experiment.definition().feedback().label()));
        args.add(arg(Long.toHexString(batch.stream)));
        args.add(arg(batch.first));
        args.add(arg(batch.last));
        args.add(batch.events);
        batch.arms.forEach((arm, decisions) -> {
            names.add(keys.beta(arm));
            args.add(arg(arm));
            args.add(arg(decisions));
        });
        return store.runNow(experiment, Script.DECISIONS, names, args)
                .thenAccept(reply -> relay.wrote(experiment.id()));
    }
}
