package dev.bandit.service.decision;

import dev.bandit.service.experiment.Definition.DecisionAck;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Choice;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.store.GroupCommit;
import dev.bandit.service.store.StoreUnavailable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One experiment's decisions of one process (ADR 3): numbers them, writes them down, and brings those that wait together to Redis in one
 * batch, in order, again and again until it has them.
 */
final class DecisionStream {

    private static final Logger log = LoggerFactory.getLogger(DecisionStream.class);

    private static final int MAX_BATCH = 1024;
    /** How far apart batches start that nobody waits for. */
    private static final Duration LAZY_PACE = Duration.ofMillis(10);

    private static final CompletableFuture<Ack> JOURNALED = CompletableFuture.completedFuture(Ack.JOURNAL);

    /** Where a decision has been put. */
    enum Ack {
        STORE,
        JOURNAL
    }

    private final StreamJournal journal;
    private final DecisionDelivery delivery;
    /** For each decision in the journal, whom to tell that Redis has it; {@link #JOURNALED} where nobody waits for that. */
    private final GroupCommit<CompletableFuture<Ack>> undelivered;

    /** Whether anybody waits for what is added last. */
    private boolean awaited;

    private volatile boolean impaired;

    DecisionStream(StreamJournal journal, DecisionDelivery delivery) {
        this.journal = journal;
        this.delivery = delivery;
        this.undelivered = new GroupCommit<>(
                MAX_BATCH, Integer.MAX_VALUE, () -> awaited ? delivery.pace() : LAZY_PACE, this::send);
    }

    /**
     * A decision that has its number.
     *
     * @param durable completes when it is where the experiment wants it
     */
    record Numbered(UUID eventId, CompletableFuture<Ack> durable) {}

    /**
     * Puts a decision into the stream.
     *
     * @throws StoreUnavailable when the journal takes no more
     */
    Numbered add(Experiment experiment, String armId, @Nullable String unitId, long atMs, Choice choice) {
        DecisionAck ack = experiment.definition().decisionAck();
        byte[] record = record(new LedgerEvent(
                Kind.DECISION, new UUID(journal.stream(), 0), atMs, atMs, armId, unitId, choice, -1, null));
        CompletableFuture<Ack> durable = ack == DecisionAck.STORE && !impaired ? new CompletableFuture<>() : JOURNALED;
        awaited = ack == DecisionAck.STORE;
        long[] number = new long[1];
        if (undelivered.add(counter -> written(record, number, counter) ? durable : null) == null) {
            if (ack != DecisionAck.ASYNC) {
                throw new StoreUnavailable("The local journal of decisions is full, and Redis takes none.", null);
            }
            delivery.lost(1);
            number[0] = undelivered.skip();
        }
        if (impaired) {
            durable.complete(Ack.JOURNAL);
        }
        return new Numbered(new UUID(journal.stream(), number[0]), durable);
    }

    private boolean written(byte[] record, long[] number, long counter) {
        number[0] = counter;
        number(record, counter);
        try {
            return journal.append(record);
        } catch (IOException e) {
            delivery.full(e);
            return false;
        }
    }

    /** An outbox event: the letter of its kind, then its body, which begins with its id. */
    private static byte[] record(LedgerEvent decision) {
        byte[] body = decision.body();
        byte[] record = new byte[1 + body.length];
        record[0] = Kind.DECISION.letter();
        System.arraycopy(body, 0, record, 1, body.length);
        return record;
    }

    private static void number(byte[] record, long counter) {
        ByteBuffer.wrap(record).putLong(1 + Long.BYTES, counter);
    }

    /** Delivers what an earlier process left in the journal. */
    void deliverLeft() {
        for (int left = journal.pendingRecords(); left > 0; left--) {
            undelivered.add(counter -> JOURNALED);
        }
    }

    /** Whether every decision taken has been delivered. */
    boolean idle() {
        return undelivered.idle();
    }

    /** Whether Redis does not take its decisions at the moment, or has not yet taken all that it did not take then. */
    boolean impaired() {
        return impaired;
    }

    private CompletableFuture<?> send(List<CompletableFuture<Ack>> decisions) {
        return delivered(journal.read(decisions.size()), decisions).thenAccept(done -> {
            journal.delivered();
            if (impaired && undelivered.size() < MAX_BATCH) {
                impaired = false;
                log.info("Redis takes decisions of {} again", journal.experimentId());
            }
            tell(decisions, Ack.STORE);
        });
    }

    private CompletableFuture<@Nullable Void> delivered(List<byte[]> records, List<CompletableFuture<Ack>> decisions) {
        return delivery.deliver(journal.experimentId(), journal.stream(), records)
                .exceptionallyCompose(failure -> {
                    if (!impaired) {
                        impaired = true;
                        log.warn(
                                "Redis does not take decisions of {}, they stay in the journal: {}",
                                journal.experimentId(),
                                String.valueOf(failure.getCause() == null ? failure : failure.getCause()));
                        tell(decisions, Ack.JOURNAL);
                        tell(undelivered.waiting(), Ack.JOURNAL);
                    }
                    return delivery.later().thenCompose(again -> delivered(records, decisions));
                });
    }

    /** From a virtual thread, since those who wait are ones: they need not be handed across. */
    private static void tell(List<CompletableFuture<Ack>> decisions, Ack ack) {
        if (!decisions.stream().allMatch(CompletableFuture::isDone)) {
            Thread.startVirtualThread(() -> decisions.forEach(decision -> decision.complete(ack)));
        }
    }
}
