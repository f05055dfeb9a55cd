package dev.bandit.service.decision;

import static dev.bandit.service.store.RedisStore.arg;
import static dev.bandit.service.store.RedisStore.text;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.store.GroupCommit;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.RedisStore;
import dev.bandit.service.store.Script;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The arms that units keep under an adaptive policy, in Redis. While it is away a unit gets the arm it is offered, which is drawn by its hash
 * and so the same until the posteriors move.
 */
@Component
class StickyUnits {

    private static final Logger log = LoggerFactory.getLogger(StickyUnits.class);
    private static final int MAX_BATCH = 500;
    private static final int MAX_WAITING = 100_000;
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RedisStore store;
    private final long timeoutMs;
    private final Duration pace;
    private final Map<String, GroupCommit<Ask>> waiting = new ConcurrentHashMap<>();
    private volatile long failedNanos = System.nanoTime() - 2 * GIVE_UP_NANOS;

    StickyUnits(RedisStore store, DecisionProperties properties) {
        this.store = store;
        this.timeoutMs = properties.storeTimeout().toMillis();
        this.pace = properties.pace();
    }

    /**
     * What a unit has.
     *
     * @param fresh whether Redis said so
     * @param isNew whether it had none before, and so has what was offered
     */
    record Kept(String arm, double propensity, long posteriorVersion, boolean fresh, boolean isNew) {

        byte[] write() {
            return arg(posteriorVersion + " " + propensity + " " + arm);
        }

        static Kept read(byte[] value) {
            boolean isNew = value[0] == '+';
            String[] parts = text(value).substring(isNew ? 1 : 0).split(" ", 3);
            return new Kept(parts[2], Double.parseDouble(parts[1]), Long.parseLong(parts[0]), true, isNew);
        }
    }

    private record Ask(Experiment experiment, byte[] key, byte[] offer, CompletableFuture<Kept> answer) {}

    /**
     * @param offer what the unit gets when it has nothing, and then keeps
     */
    Kept keep(Experiment experiment, String unitId, Kept offer) {
        Kept unknown = new Kept(offer.arm, offer.propensity, offer.posteriorVersion, false, false);
        if (System.nanoTime() - failedNanos < GIVE_UP_NANOS) {
            return unknown;
        }
        byte[] key = Keys.of(experiment.id()).unit(unitId);
        Ask ask = waiting.computeIfAbsent(
                        experiment.id(), id -> new GroupCommit<>(MAX_BATCH, MAX_WAITING, () -> pace, this::send))
                .add(number -> new Ask(experiment, key, offer.write(), new CompletableFuture<>()));
        if (ask == null) {
            return unknown;
        }
        try {
            return ask.answer.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            failedNanos = System.nanoTime();
            log.debug("arm kept by a unit of {} not known", experiment.id(), e);
            return unknown;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return unknown;
        }
    }

    private CompletableFuture<?> send(List<Ask> asks) {
        byte[][] keys = asks.stream().map(Ask::key).toArray(byte[][]::new);
        byte[][] args = new byte[asks.size() + 1][];
        long ttl = Objects.requireNonNull(
                        asks.getFirst().experiment.definition().stickyTtl())
                .toMillis();
        args[0] = arg(ttl);
        for (int i = 0; i < asks.size(); i++) {
            args[i + 1] = asks.get(i).offer;
        }
        return store.run(Script.STICKY, keys, args).whenComplete((reply, failure) -> {
            for (int i = 0; i < asks.size(); i++) {
                CompletableFuture<Kept> answer = asks.get(i).answer;
                if (failure != null) {
                    answer.completeExceptionally(failure);
                } else {
                    answer.complete(Kept.read((byte[]) reply.get(i)));
                }
            }
        });
    }
}
