package dev.bandit.service.decision;

import dev.bandit.service.decision.DecisionDelivery.Ack;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Choice;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.posterior.DecisionStore.Batch;
import dev.bandit.service.store.GroupCommit;
import dev.bandit.service.store.StoreUnavailable;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * This process's stream of one experiment's decisions (ADR 3): numbers them, and sends those that wait together as one batch.
 */
final class DecisionStream {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MAX_BATCH = 512;
    private static final int MAX_WAITING = 100_000;

    private final DecisionDelivery delivery;
    private final GroupCommit<Pending> waiting;
    private final long stream = RANDOM.nextLong();
    private volatile Experiment experiment;

    DecisionStream(Experiment experiment, DecisionDelivery delivery) {
        this.experiment = experiment;
        this.delivery = delivery;
        this.waiting = new GroupCommit<>(MAX_BATCH, MAX_WAITING, delivery.pace(), this::send);
    }

    private record Pending(
            UUID eventId, long at, String arm, @Nullable String unit, Choice choice, CompletableFuture<Ack> durable) {

        byte[] body() {
            return new LedgerEvent(Kind.DECISION, eventId, at, at, arm, unit, choice, -1, null).body();
        }
    }

    /**
     * A decision on its way to the record.
     *
     * @param durable completes when it is there
     */
    record Numbered(UUID eventId, CompletableFuture<Ack> durable) {}

    /**
     * Puts a decision into the stream.
     *
     * @throws StoreUnavailable when too many wait already
     */
    Numbered add(Experiment now, String armId, @Nullable String unitId, long atMs, Choice choice) {
        if (experiment.version() != now.version()) {
            experiment = now;
        }
        Pending taken = waiting.add(counter ->
                new Pending(new UUID(stream, counter), atMs, armId, unitId, choice, new CompletableFuture<>()));
        if (taken == null) {
            throw new StoreUnavailable("Too many decisions wait to be put on record.", null);
        }
        return new Numbered(taken.eventId, taken.durable);
    }

    /** Whether every decision taken has been delivered or given up. */
    boolean idle() {
        return waiting.idle();
    }

    private CompletableFuture<?> send(List<Pending> decisions) {
        return CompletableFuture.completedFuture(decisions)
                .thenCompose(waited -> delivery.deliver(experiment, batch(waited)))
                .whenCompleteAsync(
                        (ack, failure) -> {
                            for (Pending decision : decisions) {
                                if (failure == null) {
                                    decision.durable.complete(ack);
                                } else {
                                    decision.durable.completeExceptionally(failure);
                                }
                            }
                        },
                        // The waiting requests are virtual threads; woken from one, they need not be handed across.
                        Thread::startVirtualThread);
    }

    private Batch batch(List<Pending> decisions) {
        Map<String, Integer> arms = new HashMap<>();
        ByteArrayOutputStream events = new ByteArrayOutputStream(128 * decisions.size());
        for (Pending decision : decisions) {
            arms.merge(decision.arm, 1, Integer::sum);
            events.write(Kind.DECISION.letter());
            events.writeBytes(decision.body());
        }
        return new Batch(
                stream,
                decisions.getFirst().eventId.getLeastSignificantBits(),
                decisions.getLast().eventId.getLeastSignificantBits(),
                arms,
                events.toByteArray());
    }
}
