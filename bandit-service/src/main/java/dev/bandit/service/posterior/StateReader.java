package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;
import static dev.bandit.service.store.RedisStore.text;

import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.Recount.ArmCounts;
import dev.bandit.service.posterior.State.Parameters;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.Script;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Component;

/** Reads an experiment's whole state at one moment; for reports, snapshots and the audit, not for selects. */
@Component
public class StateReader {

    private final FencedStore store;

    StateReader(FencedStore store) {
        this.store = store;
    }

    /**
     * @param arms whose alpha and beta to read
     * @param withPending whether to read the outbox too
     */
    @SuppressWarnings("unchecked") // the script's reply, as its head says
    public CompletableFuture<State> read(Experiment experiment, Collection<String> arms, boolean withPending) {
        Keys keys = Keys.of(experiment.id());
        List<byte[]> names = new ArrayList<>(List.of(keys.counts(), keys.outbox(), keys.layout()));
        for (String arm : arms) {
            names.add(keys.alpha(arm));
            names.add(keys.beta(arm));
        }
        return store.run(
                        experiment,
                        Script.STATE,
                        names,
                        List.of(arg(withPending ? "1" : "0"), arg(experiment.version())))
                .thenApply(reply -> {
                    List<Object> counters = (List<Object>) reply.get(1);
                    List<Object> texts = (List<Object>) reply.get(2);
                    Map<String, Parameters> parameters = new LinkedHashMap<>();
                    int at = 0;
                    for (String arm : arms) {
                        parameters.put(arm, new Parameters(text(texts.get(at)), text(texts.get(at + 1))));
                        at += 2;
                    }
                    List<LedgerEvent> pending = new ArrayList<>();
                    for (Object entry : (List<Object>) reply.get(3)) {
                        pending.addAll(LedgerEvent.readAll((byte[]) entry));
                    }
                    return new State((Long) reply.getFirst(), counts(counters), parameters, pending);
                });
    }

    private static Map<String, ArmCounts> counts(List<Object> counters) {
        Map<String, ArmCounts> counts = new HashMap<>();
        for (int i = 0; i < counters.size(); i += 2) {
            String name = text(counters.get(i));
            long value = Long.parseLong(text(counters.get(i + 1)));
            ArmCounts added = switch (name.charAt(0)) {
                case 'd' -> new ArmCounts(value, 0, 0, 0);
                case 'n' -> new ArmCounts(0, value, 0, 0);
                case 'm' -> new ArmCounts(0, 0, value, 0);
                case 's' -> new ArmCounts(0, 0, 0, value);
                default -> throw new IllegalStateException("counter " + name + ", expected d:, n:, m: or s:");
            };
            counts.merge(name.substring(2), added, ArmCounts::plus);
        }
        return counts;
    }
}
