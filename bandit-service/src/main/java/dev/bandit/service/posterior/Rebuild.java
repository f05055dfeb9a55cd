package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;

import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.ledger.Recount;
import dev.bandit.service.ledger.Recount.ArmCounts;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.RedisStore;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Writes into Redis what Postgres remembers of an experiment: counters, remembered rewards, stream counters, open windows. */
@Component
class Rebuild {

    private static final int PIPELINE = 1_000;
    private static final int OPEN_ENTRY = 256;

    private final RedisStore store;
    private final PosteriorProperties properties;

    Rebuild(RedisStore store, PosteriorProperties properties) {
        this.store = store;
        this.properties = properties;
    }

    /**
     * Everything but the posteriors themselves. The caller has closed the fence and drained the outbox.
     *
     * @return the arms that were ever chosen or rewarded
     */
    Set<String> restore(Connection connection, Experiment experiment) throws SQLException {
        Recount recount = new Recount(connection, experiment.id());
        Keys keys = Keys.of(experiment.id());
        Pipeline pipeline = new Pipeline();
        RedisClusterAsyncCommands<byte[], byte[]> redis = store.commands();
        long period = properties.period(System.currentTimeMillis());
        pipeline.add(redis.del(
                keys.counts(), keys.streams(), keys.open(), keys.layout(), keys.named(period), keys.named(period - 1)));

        Map<String, ArmCounts> arms = recount.arms();
        for (var arm : arms.entrySet()) {
            ArmCounts counts = arm.getValue();
            pipeline.add(redis.hset(
                    keys.counts(),
                    Map.of(
                            arg("d:" + arm.getKey()), arg(counts.decisions()),
                            arg("n:" + arm.getKey()), arg(counts.learned()),
                            arg("m:" + arm.getKey()), arg(counts.matured()),
                            arg("s:" + arm.getKey()), arg(counts.micros()))));
        }
        Instant since = Instant.now().minus(properties.remember());
        for (var stream : recount.streams(since).entrySet()) {
            pipeline.add(redis.hset(keys.streams(), arg(Long.toHexString(stream.getKey())), arg(stream.getValue())));
        }
        restoreOutcomes(recount, since, keys, pipeline);
        if (experiment.definition().feedback() == Feedback.WINDOW) {
            restoreOpen(recount, since, keys, pipeline);
        }
        pipeline.drain();
        return arms.keySet();
    }

    private void restoreOutcomes(Recount recount, Instant since, Keys keys, Pipeline pipeline) throws SQLException {
        RedisClusterAsyncCommands<byte[], byte[]> redis = store.commands();
        Remembered remembered = new Remembered();
        Map<Long, Map<byte[], byte[]>> named = new HashMap<>();
        recount.outcomes(since, (eventId, kind, arm, rewardId, recordedAt, micros) -> {
            if (kind == Kind.REWARD && rewardId != null && NamedReward.is(eventId)) {
                named.computeIfAbsent(properties.period(recordedAt.toEpochMilli()), p -> new HashMap<>())
                        .put(NamedReward.field(eventId), arg(micros + " " + arm));
            } else {
                remembered.add(eventId, kind, micros);
            }
        });
        for (var period : named.entrySet()) {
            pipeline.add(redis.hset(keys.named(period.getKey()), period.getValue()));
            pipeline.add(redis.expire(keys.named(period.getKey()), properties.keepSeconds()));
        }
        remembered.forEachSeen((chunk, plane) ->
                pipeline.add(redis.setex(keys.seen(chunk.stream(), chunk.index()), properties.keepSeconds(), plane)));
        remembered.forEachValue((chunk, plane) ->
                pipeline.add(redis.setex(keys.value(chunk.stream(), chunk.index()), properties.keepSeconds(), plane)));
    }

    private void restoreOpen(Recount recount, Instant since, Keys keys, Pipeline pipeline) throws SQLException {
        List<LedgerEvent> entry = new ArrayList<>();
        recount.open(since, (eventId, arm, decidedAt) -> {
            entry.add(decision(eventId, arm, decidedAt));
            if (entry.size() == OPEN_ENTRY) {
                pipeline.add(open(keys, entry));
                entry.clear();
            }
        });
        if (!entry.isEmpty()) {
            pipeline.add(open(keys, entry));
        }
    }

    private io.lettuce.core.RedisFuture<String> open(Keys keys, List<LedgerEvent> decisions) {
        ByteArrayOutputStream events = new ByteArrayOutputStream();
        for (LedgerEvent decision : decisions) {
            events.write(Kind.DECISION.letter());
            events.writeBytes(decision.body());
        }
        return store.commands()
                .xadd(
                        keys.open(),
                        Map.of(arg("t"), arg(decisions.getLast().eventTime()), arg("e"), events.toByteArray()));
    }

    private static LedgerEvent decision(UUID eventId, String arm, Instant decidedAt) {
        long at = decidedAt.toEpochMilli();
        return new LedgerEvent(Kind.DECISION, eventId, at, at, arm, null, null, -1, null);
    }

    /** Commands on their way, a bounded number at a time. */
    private static final class Pipeline {
        private final List<io.lettuce.core.RedisFuture<?>> sent = new ArrayList<>();

        void add(io.lettuce.core.RedisFuture<?> reply) {
            sent.add(reply);
            if (sent.size() >= PIPELINE) {
                drain();
            }
        }

        void drain() {
            sent.forEach(Await::reply);
            sent.clear();
        }
    }
}
