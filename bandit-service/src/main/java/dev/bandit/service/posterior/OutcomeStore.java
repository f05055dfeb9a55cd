package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;

import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.Ledger;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.ledger.Relay;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.springframework.stereotype.Component;

/** Counts outcomes in Redis, many of one experiment in one script call, each once. */
@Component
public class OutcomeStore {

    /** Outcomes one script call takes, at most. */
    public static final int MAX_BATCH = 500;

    private static final byte[] NONE = arg("0");
    /** Of the decisions of a chunk, as the script takes them. */
    private static final byte[][] OFFSETS =
            IntStream.range(0, Keys.CHUNK).mapToObj(i -> arg("#" + i)).toArray(byte[][]::new);

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

    /** What outcomes of a batch have in common; the script says what the type's letters mean. */
    private record Group(char type, int arm, int chunk) {}

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
     * @param outcomes of kind {@code REWARD} (of a decision, or named by its sender), {@code DECISION} (named by its sender),
     *     {@code MATURED} or {@code OBSERVATION}
     * @return what became of each, in order, once Redis has them
     */
    public CompletableFuture<List<Status>> record(Experiment experiment, List<LedgerEvent> outcomes) {
        Keys keys = Keys.of(experiment.id());
        Definition definition = experiment.definition();
        long now = System.currentTimeMillis();
        Map<String, Integer> arms = new LinkedHashMap<>();
        Map<Remembered.Chunk, Integer> chunks = new LinkedHashMap<>();
        Map<Group, byte[]> groups = new LinkedHashMap<>();
        List<byte[]> rows = new ArrayList<>(4 * outcomes.size());
        for (LedgerEvent outcome : outcomes) {
            int arm = arms.computeIfAbsent(outcome.armId(), a -> arms.size() + 1);
            UUID id = outcome.eventId();
            boolean named = NamedReward.is(id);
            int chunk = 0;
            byte[] name;
            if (outcome.kind() == Kind.OBSERVATION) {
                name = NONE;
            } else if (named) {
                name = NamedReward.field(id);
            } else {
                long counter = id.getLeastSignificantBits();
                chunk = chunks.computeIfAbsent(
                        new Remembered.Chunk(id.getMostSignificantBits(), counter / Keys.CHUNK),
                        c -> chunks.size() + 1);
                name = OFFSETS[(int) (counter % Keys.CHUNK)];
            }
            rows.add(groups.computeIfAbsent(
                    new Group(type(outcome, named, definition, now), arm, chunk), g -> arg(groups.size() + 1)));
            rows.add(name);
            rows.add(outcome.micros() <= 0 ? NONE : arg(outcome.micros()));
            rows.add(outcome.body());
        }
        List<byte[]> names = new ArrayList<>(5 + 2 * arms.size() + 2 * chunks.size());
        names.add(keys.counts());
        names.add(keys.outbox());
        names.add(keys.named(properties.period(now)));
        names.add(keys.named(properties.period(now) - 1));
        names.add(keys.named(properties.period(now) + 1));
        List<byte[]> args = new ArrayList<>(5 + arms.size() + 3 * groups.size() + rows.size());
        args.add(arg(definition.feedback().label()));
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
        args.add(arg(groups.size()));
        for (Group group : groups.keySet()) {
            args.add(arg(group.type));
            args.add(arg(group.arm));
            args.add(arg(group.chunk));
        }
        args.addAll(rows);
        return store.run(experiment, Script.REWARD, names, args).thenApply(reply -> {
            relay.wrote(experiment.id());
            return reply.subList(2, reply.size()).stream()
                    .map(status -> Status.values()[((Long) status).intValue() - 1])
                    .toList();
        });
    }

    private static char type(LedgerEvent outcome, boolean named, Definition definition, long now) {
        return switch (outcome.kind()) {
            case DECISION -> 'x';
            case MATURED -> 'm';
            case OBSERVATION -> 'o';
            case REWARD, LATE -> {
                if (named) {
                    yield 'n';
                }
                Duration window = definition.feedback() == Feedback.WINDOW ? definition.window() : null;
                yield window != null && outcome.eventTime() + window.toMillis() < now ? 'l' : 'd';
            }
        };
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
