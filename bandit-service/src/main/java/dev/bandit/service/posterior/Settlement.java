package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;
import static dev.bandit.service.store.RedisStore.text;

import dev.bandit.service.experiment.Definition;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.Ledger;
import dev.bandit.service.ledger.Ledger.StoreState;
import dev.bandit.service.ledger.Relay;
import dev.bandit.service.store.Await;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.RedisStore;
import dev.bandit.service.store.Script;
import io.lettuce.core.KeyValue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Decides, with Postgres at hand, what to make of an experiment's state in Redis: it is sound, or it is rebuilt. A new experiment is rebuilt
 * from an empty ledger.
 */
@Component
class Settlement {

    private static final Logger log = LoggerFactory.getLogger(Settlement.class);
    private static final int ARMS_A_CALL = 500;

    private final Ledger ledger;
    private final Relay relay;
    private final RedisStore store;
    private final Rebuild rebuild;
    private final Counter rebuilds;

    Settlement(Ledger ledger, Relay relay, RedisStore store, Rebuild rebuild, MeterRegistry metrics) {
        this.ledger = ledger;
        this.relay = relay;
        this.store = store;
        this.rebuild = rebuild;
        this.rebuilds = Counter.builder("bandit.rebuilds")
                .description("Experiments whose state in Redis was rebuilt from Postgres, new ones included")
                .register(metrics);
    }

    /** What stands in Redis. */
    private record Found(String epoch, long version, int layout) {}

    /**
     * @param refused the fence that was refused, if there was one
     * @param force rebuild even a sound state
     * @return the fence to use from now on
     */
    Fence settle(Experiment experiment, @Nullable Fence refused, boolean force) {
        return ledger.exclusively(experiment.id(), connection -> {
            Found found = find(experiment);
            Optional<StoreState> valid = ledger.state(connection, experiment.id());
            long lowest = valid.map(StoreState::relayedVersion).orElse(0L);
            if (refused != null && valid.isPresent() && valid.get().epoch().equals(refused.epoch())) {
                lowest = Math.max(lowest, refused.version());
            }
            boolean sound = valid.isPresent() && found.epoch.equals(valid.get().epoch()) && found.version >= lowest;
            if (!sound || force) {
                return rebuilt(connection, experiment, found, Math.max(lowest, found.version), valid.isPresent());
            }
            Fence fence = new Fence(found.epoch, found.version);
            layOut(experiment, fence, Set.of());
            return fence;
        });
    }

    private Fence rebuilt(Connection connection, Experiment experiment, Found found, long version, boolean known)
            throws SQLException {
        Keys keys = Keys.of(experiment.id());
        if (known) {
            log.warn(
                    "rebuilding {} from the ledger: Redis had epoch '{}' at version {}",
                    experiment.id(),
                    found.epoch,
                    found.version);
        }
        Fence closed = new Fence("rebuilding-" + UUID.randomUUID(), version + 1);
        Await.reply(store.commands().set(keys.epoch(), arg(closed.epoch())));
        relay.step(connection, experiment.id());
        Restore restore = new Restore(store, keys, closed.epoch());
        Set<String> learned = rebuild.restore(connection, experiment, restore);
        restore.set(keys.version(), arg(closed.version()));
        restore.finish();
        layOut(experiment, closed, learned);
        StoreState state = new StoreState(UUID.randomUUID().toString(), closed.version());
        ledger.publish(connection, experiment.id(), state);
        restore.set(keys.epoch(), arg(state.epoch()));
        restore.finish();
        rebuilds.increment();
        if (known) {
            log.warn("rebuilt {}", experiment.id());
        }
        return new Fence(state.epoch(), closed.version());
    }

    private Found find(Experiment experiment) {
        Keys keys = Keys.of(experiment.id());
        List<KeyValue<byte[], byte[]>> values =
                Await.reply(store.commands().mget(keys.epoch(), keys.version(), keys.layout()));
        return new Found(
                text(values.get(0).getValueOrElse(new byte[0])),
                Long.parseLong(text(values.get(1).getValueOrElse(arg("-1")))),
                Integer.parseInt(text(values.get(2).getValueOrElse(arg("0")))));
    }

    /** Writes prior plus counts of every arm, of the definition and of those that have learned before; harmless when it has been done. */
    private void layOut(Experiment experiment, Fence fence, Set<String> learned) {
        Keys keys = Keys.of(experiment.id());
        Definition definition = experiment.definition();
        Set<String> all = new LinkedHashSet<>(definition.variants().names());
        all.addAll(learned);
        List<String> arms = List.copyOf(all);
        for (int from = 0; from < arms.size(); from += ARMS_A_CALL) {
            int to = Math.min(arms.size(), from + ARMS_A_CALL);
            List<byte[]> names = new ArrayList<>(List.of(keys.epoch(), keys.version(), keys.counts(), keys.layout()));
            List<byte[]> args = new ArrayList<>(List.of(
                    arg(fence.epoch()),
                    arg(fence.version()),
                    arg(definition.feedback().label()),
                    arg(experiment.version()),
                    arg(to == arms.size() ? "1" : "0"),
                    arg(Math.round(definition.prior().alpha() * 1e6)),
                    arg(Math.round(definition.prior().beta() * 1e6))));
            for (String arm : arms.subList(from, to)) {
                names.add(keys.alpha(arm));
                names.add(keys.beta(arm));
                args.add(arg(arm));
            }
            List<Object> reply =
                    Await.reply(store.run(Script.ARMS, names.toArray(byte[][]::new), args.toArray(byte[][]::new)));
            long version = (Long) reply.getFirst();
            if (version < 0) {
                throw new FenceRefused(
                        "The posteriors of " + experiment.id() + " changed hands while they were laid out.");
            }
            fence.saw(version);
        }
    }
}
