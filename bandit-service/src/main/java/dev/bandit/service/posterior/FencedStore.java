package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;
import static dev.bandit.service.store.RedisStore.text;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.ledger.StateBehindLedger;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.RedisStore;
import dev.bandit.service.store.Script;
import io.lettuce.core.KeyValue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * The only way to an experiment's state in Redis: every script and every read carries the fence of ADR 6, and a refusal is settled (by
 * adopting another replica's rebuild, or by rebuilding) before the call is made again.
 */
@Component
public class FencedStore {

    private static final Logger log = LoggerFactory.getLogger(FencedStore.class);
    private static final int NOT_LAID_OUT = -3;

    private final RedisStore store;
    private final Settlement settlement;
    private final ExperimentRegistry experiments;
    private final Map<String, Fence> fences = new ConcurrentHashMap<>();
    private final Map<String, Settling> settling = new ConcurrentHashMap<>();
    private final Counter refusals;

    FencedStore(RedisStore store, Settlement settlement, ExperimentRegistry experiments, MeterRegistry metrics) {
        this.store = store;
        this.experiments = experiments;
        this.settlement = settlement;
        this.refusals = Counter.builder("bandit.fence.refusals")
                .description("Calls refused because the state in Redis was not the one this process knew")
                .register(metrics);
    }

    /**
     * Runs a script on the experiment's state, settling a refusal first and trying once more.
     *
     * @param keys after epoch and version, which come first
     * @param args after the fence, which comes first
     * @return the reply, which begins with the version; failed with what Redis, Postgres or the fence said
     */
    public CompletableFuture<List<Object>> run(
            Experiment experiment, Script script, List<byte[]> keys, List<byte[]> args) {
        return settled(experiment, fence -> attempt(experiment, fence, script, keys, args));
    }

    /** Like {@link #run}, but a refusal fails at once, and is settled in the background. */
    public CompletableFuture<List<Object>> runNow(
            Experiment experiment, Script script, List<byte[]> keys, List<byte[]> args) {
        Fence fence = fences.get(experiment.id());
        if (fence == null) {
            return run(experiment, script, keys, args);
        }
        return attempt(experiment, fence, script, keys, args).whenComplete((reply, failure) -> {
            if (refusal(failure)) {
                settle(experiment, fence);
            }
        });
    }

    /** Reads the posteriors; empty when they still are what is known already. */
    public CompletableFuture<Optional<Posteriors>> read(Experiment experiment, @Nullable Posteriors known) {
        return settled(experiment, fence -> read(experiment, fence, known));
    }

    private CompletableFuture<Optional<Posteriors>> read(
            Experiment experiment, Fence fence, @Nullable Posteriors known) {
        Keys keys = Keys.of(experiment.id());
        long floor = fence.version();
        return mget(List.of(keys.epoch(), keys.version(), keys.layout())).thenCompose(head -> {
            check(experiment, fence, floor, head);
            if (known != null
                    && known.epoch().equals(head.get(0))
                    && known.version() == Long.parseLong(head.get(1))
                    && known.definitionVersion() == experiment.version()) {
                return CompletableFuture.completedFuture(Optional.<Posteriors>empty());
            }
            return readAll(experiment, fence, keys).thenApply(Optional::of);
        });
    }

    private CompletableFuture<Posteriors> readAll(Experiment experiment, Fence fence, Keys keys) {
        var arms = experiment.definition().variants();
        List<byte[]> names = new ArrayList<>(3 + 2 * arms.size());
        names.add(keys.epoch());
        names.add(keys.version());
        names.add(keys.layout());
        for (var arm : arms) {
            names.add(keys.alpha(arm.name()));
            names.add(keys.beta(arm.name()));
        }
        long floor = fence.version();
        return mget(names).thenApply(values -> {
            check(experiment, fence, floor, values);
            double[] alpha = new double[arms.size()];
            double[] beta = new double[arms.size()];
            for (int i = 0; i < alpha.length; i++) {
                alpha[i] = parameter(experiment, values.get(3 + 2 * i));
                beta[i] = parameter(experiment, values.get(4 + 2 * i));
            }
            return new Posteriors(values.get(0), Long.parseLong(values.get(1)), experiment.version(), alpha, beta);
        });
    }

    private static double parameter(Experiment experiment, String value) {
        double number;
        try {
            number = Double.parseDouble(value);
        } catch (NumberFormatException e) {
            number = Double.NaN;
        }
        if (!(number > 0 && number <= Double.MAX_VALUE)) {
            throw new FenceRefused(
                    "An arm of " + experiment.id() + " has the parameter '" + value + "', expected a positive number.");
        }
        return number;
    }

    private static void check(Experiment experiment, Fence fence, long floor, List<String> head) {
        if (!head.get(0).equals(fence.epoch())) {
            throw new FenceRefused("The posteriors of " + experiment.id() + " are being rebuilt from the ledger.");
        }
        if (head.get(1).isEmpty() || Long.parseLong(head.get(1)) < floor) {
            throw new FenceRefused(
                    "Redis came back with older posteriors of " + experiment.id() + "; they are being rebuilt.");
        }
        if (head.get(2).isEmpty() || Integer.parseInt(head.get(2)) < experiment.version()) {
            throw new FenceRefused("The arms of " + experiment.id() + " are being laid out.");
        }
        fence.saw(Long.parseLong(head.get(1)));
    }

    private CompletableFuture<List<String>> mget(List<byte[]> names) {
        try {
            return store.commands()
                    .mget(names.toArray(byte[][]::new))
                    .toCompletableFuture()
                    .thenApply(values -> values.stream()
                            .map(KeyValue::optional)
                            .map(value -> value.map(bytes -> text(bytes)).orElse(""))
                            .toList());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<List<Object>> attempt(
            Experiment experiment, Fence fence, Script script, List<byte[]> keys, List<byte[]> args) {
        Keys names = Keys.of(experiment.id());
        byte[][] allKeys = new byte[keys.size() + 2][];
        allKeys[0] = names.epoch();
        allKeys[1] = names.version();
        for (int i = 0; i < keys.size(); i++) {
            allKeys[i + 2] = keys.get(i);
        }
        byte[][] allArgs = new byte[args.size() + 2][];
        allArgs[0] = arg(fence.epoch());
        allArgs[1] = arg(fence.version());
        for (int i = 0; i < args.size(); i++) {
            allArgs[i + 2] = args.get(i);
        }
        return store.run(script, allKeys, allArgs).thenApply(reply -> {
            long version = (Long) reply.getFirst();
            if (version >= 0) {
                fence.saw(version);
                return reply;
            }
            refusals.increment();
            throw new FenceRefused(
                    version == NOT_LAID_OUT
                            ? "The arms of " + experiment.id() + " are being laid out."
                            : "The posteriors of " + experiment.id() + " are being rebuilt from the ledger.");
        });
    }

    private <T> CompletableFuture<T> settled(Experiment experiment, Function<Fence, CompletableFuture<T>> call) {
        Fence fence = fences.get(experiment.id());
        if (fence == null) {
            return settle(experiment, null).thenCompose(call);
        }
        return call.apply(fence)
                .exceptionallyCompose(failure -> refusal(failure)
                        ? settle(experiment, fence).thenCompose(call)
                        : CompletableFuture.failedFuture(failure));
    }

    private static boolean refusal(@Nullable Throwable failure) {
        return failure instanceof FenceRefused || failure != null && failure.getCause() instanceof FenceRefused;
    }

    /** A settlement under way, for that version of the definition. */
    private record Settling(int definitionVersion, CompletableFuture<Fence> fence) {}

    /** One settlement at a time and experiment; it talks to Postgres, so it has a thread of its own. */
    private CompletableFuture<Fence> settle(Experiment experiment, @Nullable Fence refused) {
        Settling underWay = settling.computeIfAbsent(experiment.id(), id -> begin(experiment, refused));
        if (underWay.definitionVersion < experiment.version()) {
            // It lays out arms that have changed since.
            return underWay.fence
                    .handle((fence, failure) -> fence)
                    .thenCompose(fence -> settle(experiment, fence == null ? refused : fence));
        }
        return underWay.fence;
    }

    private Settling begin(Experiment experiment, @Nullable Fence refused) {
        String id = experiment.id();
        CompletableFuture<Fence> result = new CompletableFuture<>();
        Thread.ofVirtual().name("settle " + id).start(() -> {
            try {
                Fence settled = settlement.settle(experiment, refused, false);
                fences.put(id, settled);
                settling.remove(id);
                result.complete(settled);
            } catch (Throwable e) { // an Error too must not leave everybody waiting
                settling.remove(id);
                result.completeExceptionally(e);
            }
        });
        return new Settling(experiment.version(), result);
    }

    /** The relay has seen that Redis has less than Postgres: what this process believes of the state no longer holds. */
    @EventListener
    void lost(StateBehindLedger found) {
        experiments.find(found.experimentId()).ifPresent(experiment -> {
            log.warn("Redis has less of {} than the ledger", experiment.id());
            rebuild(experiment);
        });
    }

    /** Rebuilds the experiment's state from Postgres whether or not it needs it. */
    public void rebuild(Experiment experiment) {
        fences.put(experiment.id(), settlement.settle(experiment, fences.get(experiment.id()), true));
    }
}
