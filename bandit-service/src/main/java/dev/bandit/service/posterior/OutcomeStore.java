package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;

import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.Ledger;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.Relay;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.Script;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Component;

/** Counts outcomes in Redis, many of one experiment in one script call, each once. */
@Component
public class OutcomeStore {

    /** Outcomes one script call takes, at most. */
    public static final int MAX_BATCH = 500;

    private static final byte[] NONE = arg("0");
    private static final byte[] DECISION = arg("d");
    private static final byte[] NAMED = arg("n");
    private static final byte[] EXPOSURE = arg("x");
    private static final byte[] WINDOW_END = arg("m");

    /** What became of an outcome; the order is that of the script's statuses from 1. */
    public enum Status {
        /** Counted now. */
        APPLIED,
        /** Counted before. */
        DUPLICATE,
        /** Counted before with another value. */
        CONFLICT,
        /** On record, but after the decision's window: not learned from. */
        LATE,
        /** The window's end found an outcome. */
        NOTHING
    }

    private final FencedStore store;
    private final Relay relay;
    private final Ledger ledger;
    private final PosteriorProperties properties;

    OutcomeStore(FencedStore store, Relay relay, Ledger ledger, PosteriorProperties properties) {
        this.store = store;
        this.relay = relay;
        this.ledger = ledger;
        this.properties = properties;
    }

    /**
     * Counts up to {@link #MAX_BATCH} outcomes.
     *
     * @param outcomes of kind {@code REWARD} (of a decision, or named by its sender), {@code DECISION} (named by its sender) or
     *     {@code MATURED}
     * @return what became of each, in order, once Redis has them
     */
    public CompletableFuture<List<Status>> record(Experiment experiment, List<LedgerEvent> outcomes) {
        Keys keys = Keys.of(experiment.id());
        Definition definition = experiment.definition();
        long now = System.currentTimeMillis();
        Map<String, Integer> arms = new LinkedHashMap<>();
        Map<Remembered.Chunk, Integer> chunks = new LinkedHashMap<>();
        List<byte[]> rows = new ArrayList<>(7 * outcomes.size());
        for (LedgerEvent outcome : outcomes) {
            int arm = arms.computeIfAbsent(outcome.armId(), a -> arms.size() + 1);
            UUID id = outcome.eventId();
            boolean named = NamedReward.is(id);
            rows.add(
                    switch (outcome.kind()) {
                        case DECISION -> EXPOSURE;
                        case MATURED -> WINDOW_END;
                        case REWARD, LATE -> named ? NAMED : DECISION;
                    });
            rows.add(arg(arm));
            if (named) {
                rows.add(NONE);
                rows.add(NamedReward.field(id));
            } else {
                long counter = id.getLeastSignificantBits();
                Remembered.Chunk chunk = new Remembered.Chunk(id.getMostSignificantBits(), counter / Keys.CHUNK);
                rows.add(arg(chunks.computeIfAbsent(chunk, c -> chunks.size() + 1)));
                rows.add(arg(counter % Keys.CHUNK));
            }
            rows.add(arg(outcome.eventTime()));
            rows.add(arg(Math.max(0, outcome.micros())));
            rows.add(outcome.body());
        }
        List<byte[]> names = new ArrayList<>(4 + 2 * arms.size() + 2 * chunks.size());
        names.add(keys.counts());
        names.add(keys.outbox());
        names.add(keys.named(properties.period(now)));
        names.add(keys.named(properties.period(now) - 1));
        names.add(keys.named(properties.period(now) + 1));
        List<byte[]> args = new ArrayList<>(7 + arms.size() + rows.size());
        args.add(arg(now));
        args.add(arg(definition.feedback().label()));
        args.add(definition.window() == null ? NONE : arg(definition.window().toMillis()));
        args.add(arg(properties.keepSeconds(definition.window())));
        args.add(arg(arms.size()));
        for (String arm : arms.keySet()) {
            names.add(keys.alpha(arm));
            names.add(keys.beta(arm));
            args.add(arg(arm));
        }
        for (Remembered.Chunk chunk : chunks.keySet()) {
            names.add(keys.seen(chunk.stream(), chunk.index()));
            names.add(keys.value(chunk.stream(), chunk.index()));
        }
        args.add(arg(chunks.size()));
        args.add(arg(outcomes.size()));
        args.addAll(rows);
        return store.run(experiment, Script.REWARD, names, args).thenApply(reply -> {
            relay.wrote(experiment.id());
            return reply.subList(2, reply.size()).stream()
                    .map(status -> Status.values()[((Long) status).intValue() - 1])
                    .toList();
        });
    }

    /**
     * Completes once Postgres has committed these outcomes.
     *
     * <p>An empty outbox alone does not say so: Redis may have lost the batch before the relay looked. So Postgres is asked.
     *
     * @return failed when it could not be, or when they are not there; recording the outcomes again is safe
     */
    public CompletableFuture<Void> committed(Experiment experiment, List<LedgerEvent> outcomes) {
        List<UUID> ids = outcomes.stream().map(LedgerEvent::eventId).toList();
        return relay.catchUp(experiment.id()).thenAccept(done -> {
            if (!ledger.has(experiment.id(), ids)) {
                throw new FenceRefused("Redis lost rewards of " + experiment.id() + " before they reached the ledger.");
            }
        });
    }
}
