package dev.bandit.service.posterior;

import static dev.bandit.service.store.RedisStore.arg;

import dev.bandit.service.experiment.Definition.Feedback;
import dev.bandit.service.experiment.Experiment;
import dev.bandit.service.ledger.LedgerEvent;
import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.ledger.Recount;
import dev.bandit.service.ledger.Recount.ArmCounts;
import dev.bandit.service.store.Keys;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.springframework.stereotype.Component;

/** Writes into Redis what Postgres remembers of an experiment: counters, remembered rewards, stream counters, open windows. */
@Component
class Rebuild {

    private static final int OPEN_ENTRY = 256;

    private final PosteriorProperties properties;

    Rebuild(PosteriorProperties properties) {
        this.properties = properties;
    }

    /**
     * Everything but the posteriors themselves. The caller has closed the state and drained the outbox.
     *
     * @return the arms that were ever chosen or rewarded
     */
    Set<String> restore(Connection connection, Experiment experiment, Restore restore) throws SQLException {
        Recount recount = new Recount(connection, experiment.id());
        Keys keys = Keys.of(experiment.id());
        Duration window = experiment.definition().window();
        long period = properties.period(System.currentTimeMillis());
        for (byte[] key : List.of(
                keys.counts(),
                keys.streams(),
                keys.open(),
                keys.layout(),
                keys.named(period + 1),
                keys.named(period),
                keys.named(period - 1))) {
            restore.unlink(key);
        }
        Map<String, ArmCounts> arms = recount.arms();
        arms.forEach((arm, counts) -> restore.hash(
                keys.counts(),
                Map.of(
                        arg("d:" + arm), arg(counts.decisions()),
                        arg("n:" + arm), arg(counts.learned()),
                        arg("m:" + arm), arg(counts.matured()),
                        arg("s:" + arm), arg(counts.micros()))));
        Instant since = Instant.now().minus(properties.matters(window)).minus(Duration.ofDays(1));
        recount.streams(since)
                .forEach((stream, last) ->
                        restore.hash(keys.streams(), Map.of(arg(Long.toHexString(stream)), arg(last))));
        restoreOutcomes(recount, since, keys, properties.keepSeconds(window), restore);
        if (experiment.definition().feedback() == Feedback.WINDOW) {
            restoreOpen(recount, since, keys, restore);
        }
        restore.finish();
        return arms.keySet();
    }

    /** Outcomes come in the order of their decisions, so that one chunk at a time is held. */
    private void restoreOutcomes(Recount recount, Instant since, Keys keys, long keepSeconds, Restore restore)
            throws SQLException {
        Remembered remembered = new Remembered((chunk, seen, value) -> {
            restore.set(keys.seen(chunk.stream(), chunk.index()), seen, keepSeconds);
            if (value.length > 0) {
                restore.set(keys.value(chunk.stream(), chunk.index()), value, keepSeconds);
            }
        });
        recount.outcomes(since, (eventId, kind, arm, recordedAt, micros) -> {
            if (NamedReward.is(eventId)) {
                byte[] named = keys.named(properties.period(recordedAt.toEpochMilli()));
                String counted = kind == Kind.DECISION ? "x" : Integer.toString(micros);
                restore.hash(named, Map.of(NamedReward.field(eventId), arg(counted + " " + arm)));
                restore.expire(named, keepSeconds);
            } else {
                remembered.add(eventId, kind, micros);
            }
        });
        remembered.finish();
    }

    private static void restoreOpen(Recount recount, Instant since, Keys keys, Restore restore) throws SQLException {
        List<LedgerEvent> entry = new ArrayList<>();
        recount.open(since, (eventId, arm, decidedAt) -> {
            entry.add(decision(eventId, arm, decidedAt));
            if (entry.size() == OPEN_ENTRY) {
                restore.append(keys.open(), arg("e"), events(entry));
                entry.clear();
            }
        });
        if (!entry.isEmpty()) {
            restore.append(keys.open(), arg("e"), events(entry));
        }
    }

    private static byte[] events(List<LedgerEvent> decisions) {
        ByteArrayOutputStream events = new ByteArrayOutputStream();
        for (LedgerEvent decision : decisions) {
            events.write(Kind.DECISION.letter());
            events.writeBytes(decision.body());
        }
        return events.toByteArray();
    }

    private static LedgerEvent decision(UUID eventId, String arm, Instant decidedAt) {
        long at = decidedAt.toEpochMilli();
        return new LedgerEvent(Kind.DECISION, eventId, at, at, arm, null, null, -1, null);
    }
}
