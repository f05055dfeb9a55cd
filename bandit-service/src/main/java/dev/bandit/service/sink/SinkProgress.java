package dev.bandit.service.sink;

import dev.bandit.service.snapshot.SnapshotTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** How far each sink is, in Postgres, so that it goes on there whichever replica writes to it next. */
@Component
class SinkProgress {

    /** Few enough that a sink which answers at all has written them long before Postgres would end the session. */
    private static final int MAX_ROWS = 1_000;

    private static final int MAX_TICKS = 60;

    private final JdbcTemplate postgres;
    private final TransactionTemplate transaction;
    private final SnapshotTable snapshots;
    private final String begin;

    SinkProgress(JdbcTemplate postgres, PlatformTransactionManager transactions, SnapshotTable snapshots) {
        this.postgres = postgres;
        this.transaction = new TransactionTemplate(transactions);
        this.snapshots = snapshots;
        try {
            begin = new ClassPathResource("sql/sink_begin.sql").getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What a step did.
     *
     * @param rows how many it wrote
     * @param skipped how many ticks it left out for good, since they were too old
     */
    record Step(long rows, long skipped) {}

    /** Lets a sink that is new begin with the next tick. */
    void begin(String sink) {
        postgres.update(begin, sink);
    }

    /** The newest tick that the sink has. */
    Instant tick(String sink) {
        return Objects.requireNonNull(
                        postgres.queryForObject("select tick from sink_progress where sink = ?", Timestamp.class, sink))
                .toInstant();
    }

    /** Whether there is a tick that the sink has not. */
    boolean isBehind(Instant tick) {
        return snapshots.newestTick().filter(newest -> newest.isAfter(tick)).isPresent();
    }

    /**
     * Writes some of the ticks that the sink has not, the oldest first, and remembers that it has them.
     *
     * @return empty when another replica is writing to the sink
     */
    Optional<Step> advance(String sink, Duration catchUp, Sink to) {
        return Objects.requireNonNull(transaction.execute(status -> {
            // Of a replica that is lost or frozen meanwhile, Postgres ends the session, and with it the lock.
            postgres.execute("set local idle_in_transaction_session_timeout = '60s'");
            if (!Boolean.TRUE.equals(postgres.queryForObject(
                    "select pg_try_advisory_xact_lock(hashtextextended(?, 0))",
                    Boolean.class,
                    "bandit sink " + sink))) {
                return Optional.empty();
            }
            Instant has = tick(sink);
            Instant oldest = snapshots.newestTick().orElse(has).minus(catchUp);
            long skipped = has.isBefore(oldest) ? snapshots.ticksBetween(has, oldest) : 0;
            // A tick of exactly that age is still written.
            List<Tick> ticks = ticks(skipped > 0 ? oldest.minusNanos(1_000) : has);
            if (ticks.isEmpty()) {
                return Optional.of(new Step(0, skipped));
            }
            List<Tick> filled =
                    ticks.stream().filter(tick -> !tick.rows().isEmpty()).toList();
            if (!filled.isEmpty()) {
                try {
                    to.write(filled);
                } catch (IOException e) {
                    throw new UncheckedIOException(e.getMessage(), e);
                }
            }
            postgres.update(
                    "update sink_progress set tick = ? where sink = ?",
                    Timestamp.from(ticks.getLast().time()),
                    sink);
            return Optional.of(new Step(
                    filled.stream().mapToLong(tick -> tick.rows().size()).sum(), skipped));
        }));
    }

    private List<Tick> ticks(Instant after) {
        List<Tick> ticks = new ArrayList<>();
        int rows = 0;
        for (Instant time : snapshots.ticksAfter(after, MAX_TICKS)) {
            Tick tick = new Tick(time, snapshots.rows(time));
            rows += tick.rows().size();
            if (rows > MAX_ROWS && !ticks.isEmpty()) {
                break;
            }
            ticks.add(tick);
        }
        return ticks;
    }
}
