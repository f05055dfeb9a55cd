package dev.bandit.service.decision;

import dev.bandit.service.experiment.Definition.DecisionAck;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Choice;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.posterior.DecisionStore.Batch;
import dev.bandit.service.store.GroupCommit;
import dev.bandit.service.store.StoreUnavailable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

    private static final long SHORTEST_PAUSE_MS = 50;
    private static final long LONGEST_PAUSE_MS = 1_000;
    private static final long LONGEST_ATTEMPT_S = 600;
    private static final long TELL_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);

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
    /** When the log was last told why. */
    private long toldNanos;

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
                throw new StoreUnavailable("The local journal of decisions is full or cannot be written.", null);
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

    /** On a thread of its own, so that neither a select nor the connection to Redis does this work. */
    private CompletableFuture<?> send(List<CompletableFuture<Ack>> decisions) {
        CompletableFuture<@Nullable Void> sent = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            if (delivered(decisions)) {
                sent.complete(null);
            }
        });
        return sent;
    }

    /** Tries until the batch has arrived; false when the service ends before that, and the batch stays in the journal. */
    private boolean delivered(List<CompletableFuture<Ack>> decisions) {
        List<byte[]> records = journal.read(decisions.size());
        try {
            Batch batch = Batch.read(journal.stream(), records);
            for (long pause = SHORTEST_PAUSE_MS;
                    !arrived(batch, decisions);
                    pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
                if (!delivery.pause(pause)) {
                    return false;
                }
            }
        } catch (RuntimeException e) {
            log.error("{} decisions of {} cannot be read and are dropped", records.size(), journal.experimentId(), e);
            delivery.lost(records.size());
        }
        journal.delivered();
        if (impaired && undelivered.size() < MAX_BATCH) {
            impaired = false;
            log.info("Redis takes decisions of {} again", journal.experimentId());
        }
        decisions.forEach(decision -> decision.complete(Ack.STORE));
        return true;
    }

    /** One attempt, to its end: another before that could only add to what keeps this one waiting. */
    private boolean arrived(Batch batch, List<CompletableFuture<Ack>> decisions) {
        try {
            CompletableFuture<?> attempt = delivery.deliver(journal.experimentId(), batch);
            try {
                attempt.get(delivery.timeout().toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                impaired(e, decisions);
                attempt.get(LONGEST_ATTEMPT_S, TimeUnit.SECONDS);
            }
            return true;
        } catch (ExecutionException e) {
            impaired(e.getCause() == null ? e : e.getCause(), decisions);
        } catch (TimeoutException | RuntimeException e) {
            impaired(e, decisions);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            impaired(e, decisions);
        }
        return false;
    }

    /** Whoever waits for Redis is told that the journal has it; those who come from now on are not made to wait. */
    private void impaired(Throwable cause, List<CompletableFuture<Ack>> decisions) {
        long now = System.nanoTime();
        if (!impaired || now - toldNanos > TELL_EVERY_NANOS) {
            toldNanos = now;
            log.warn(
                    "Redis does not take decisions of {}, they stay in the journal: {}",
                    journal.experimentId(),
                    String.valueOf(cause));
        }
        if (!impaired) {
            impaired = true;
            decisions.forEach(decision -> decision.complete(Ack.JOURNAL));
            undelivered.waiting().forEach(decision -> decision.complete(Ack.JOURNAL));
        }
    }
}
