package dev.bandit.service.reward;

import static dev.bandit.service.store.RedisStore.text;

import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.experiment.ExperimentRegistry;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.posterior.OutcomeStore;
import dev.bandit.service.problem.Answers;
import dev.bandit.service.store.Keys;
import dev.bandit.service.store.RedisStore;
import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Ends windows: a decision that has no reward when its window closes has failed, once. Every replica may do this at the same time; the script
 * that counts takes the first.
 */
@Component
class WindowSweep {

    private static final Logger log = LoggerFactory.getLogger(WindowSweep.class);
    private static final int ENTRIES = 64;

    private final ExperimentRegistry experiments;
    private final RedisStore store;
    private final OutcomeStore outcomes;

    WindowSweep(ExperimentRegistry experiments, RedisStore store, OutcomeStore outcomes) {
        this.experiments = experiments;
        this.store = store;
        this.outcomes = outcomes;
    }

    @Scheduled(fixedDelayString = "${bandit.reward.sweep-interval:1s}")
    void tick() {
        for (Experiment experiment : experiments.all()) {
            if (experiment.definition().feedback() != Feedback.WINDOW) {
                continue;
            }
            try {
                sweep(experiment, Objects.requireNonNull(experiment.definition().window()));
            } catch (RuntimeException e) {
                log.warn("windows of {} will be ended later: {}", experiment.id(), e.getMessage());
            }
        }
    }

    private void sweep(Experiment experiment, Duration window) {
        byte[] open = Keys.of(experiment.id()).open();
        while (true) {
            long now = System.currentTimeMillis();
            List<StreamMessage<byte[], byte[]>> entries = Answers.await(store.commands()
                    .xrange(open, Range.unbounded(), Limit.create(0, ENTRIES))
                    .toCompletableFuture());
            for (StreamMessage<byte[], byte[]> entry : entries) {
                List<LedgerEvent> decisions = decisions(entry.getBody());
                long newest = decisions.stream()
                        .mapToLong(LedgerEvent::eventTime)
                        .max()
                        .orElse(0);
                if (newest + window.toMillis() >= now) {
                    return;
                }
                for (int from = 0; from < decisions.size(); from += OutcomeStore.MAX_BATCH) {
                    int to = Math.min(decisions.size(), from + OutcomeStore.MAX_BATCH);
                    Answers.await(outcomes.record(
                            experiment,
                            decisions.subList(from, to).stream()
                                    .map(decision -> matured(decision, now))
                                    .toList()));
                }
                Answers.await(store.commands().xdel(open, entry.getId()).toCompletableFuture());
            }
            if (entries.size() < ENTRIES) {
                return;
            }
        }
    }

    private static List<LedgerEvent> decisions(Map<byte[], byte[]> entry) {
        for (var field : entry.entrySet()) {
            if (text(field.getKey()).equals("e")) {
                return LedgerEvent.readAll(field.getValue());
            }
        }
        throw new IllegalStateException("an entry of open decisions has no field e");
    }

    private static LedgerEvent matured(LedgerEvent decision, long now) {
        return new LedgerEvent(
                Kind.MATURED, decision.eventId(), decision.eventTime(), now, decision.armId(), null, null, 0, null);
    }
}
