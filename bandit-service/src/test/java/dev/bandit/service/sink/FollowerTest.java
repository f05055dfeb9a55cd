package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.sink.SinkProperties.Following;
import dev.bandit.service.snapshot.SnapshotTable;
import dev.bandit.service.testing.Servers;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

@Timeout(120)
class FollowerTest {

    private static final Following SETTINGS =
            new Following(Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofDays(1));

    private final JdbcTemplate postgres = new JdbcTemplate(migrated(Servers.freshDatabase()));
    private final JdbcTransactionManager transactions = new JdbcTransactionManager(postgres.getDataSource());
    private final SnapshotTable snapshots = new SnapshotTable(postgres, transactions);
    private final SinkProgress progress = new SinkProgress(postgres, transactions, snapshots);
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final List<Follower> followers = new ArrayList<>();

    @AfterEach
    void stop() {
        followers.forEach(Follower::stop);
    }

    /** Notes what it is given, or fails. */
    private static final class Notes implements Sink {

        final List<Tick> ticks = new CopyOnWriteArrayList<>();
        volatile boolean away;

        @Override
        public void write(List<Tick> some) throws IOException {
            if (away) {
                // Some of it may have been written.
                ticks.add(some.getFirst());
                throw new IOException("away");
            }
            ticks.addAll(some);
        }
    }

    @Test
    void a_sink_gets_every_tick_as_it_was_written() {
        Notes notes = new Notes();
        follow("a", notes);
        List<Tick> ticks = take(Rows.NOON, 130);

        await().until(() -> notes.ticks.size() == ticks.size());
        assertThat(notes.ticks).isEqualTo(ticks);
        assertThat(counter("rows", "a")).isEqualTo(130 * 6);
        assertThat(counter("failures", "a")).isZero();
    }

    @Test
    void a_sink_that_is_away_holds_up_no_other_and_then_gets_what_it_missed_in_order() {
        Notes down = new Notes();
        down.away = true;
        Notes up = new Notes();
        follow("down", down);
        follow("up", up);
        List<Tick> ticks = take(Rows.NOON, 20);

        await().until(() -> up.ticks.size() == ticks.size());
        await().until(() -> counter("failures", "down") >= 3);
        assertThat(progress.tick("down")).isEqualTo(Instant.EPOCH);

        down.ticks.clear();
        down.away = false;
        await().until(() -> down.ticks.size() == ticks.size());
        assertThat(down.ticks).isEqualTo(ticks);
        assertThat(up.ticks).isEqualTo(ticks);
    }

    @Test
    void what_is_older_than_a_day_is_left_out_and_counted() {
        Notes notes = new Notes();
        notes.away = true;
        follow("a", notes);
        take(Rows.NOON, 3);
        await().until(() -> counter("failures", "a") >= 1);
        List<Tick> later = take(Rows.NOON.plus(Duration.ofDays(1)).plusSeconds(2), 2);
        notes.ticks.clear();
        notes.away = false;

        await().until(() -> progress.tick("a").equals(later.getLast().time()));
        assertThat(notes.ticks.stream().map(Tick::time).distinct())
                .containsExactly(later.get(0).time(), later.get(1).time());
        assertThat(counter("skipped", "a")).isEqualTo(3);
    }

    @Test
    void a_sink_that_is_new_begins_with_the_next_tick() {
        take(Rows.NOON, 3);
        Notes notes = new Notes();
        follow("a", notes);
        List<Tick> next = take(Rows.NOON.plusSeconds(60), 2);

        await().until(() -> notes.ticks.size() == 2);
        assertThat(notes.ticks).isEqualTo(next);
    }

    @Test
    void replicas_write_each_tick_once_between_them_and_go_on_where_another_ended() {
        Notes notes = new Notes();
        Follower first = follow("a", notes);
        follow("a", notes, new SimpleMeterRegistry());
        follow("a", notes, new SimpleMeterRegistry());
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            ticks.addAll(take(Rows.NOON.plusSeconds(10L * i), 4));
            if (i == 15) {
                first.stop();
            }
        }
        await().until(() -> notes.ticks.size() >= ticks.size());
        assertThat(notes.ticks).isEqualTo(ticks);
    }

    @Test
    void ticks_without_rows_are_passed_over() {
        Notes notes = new Notes();
        follow("a", notes);
        snapshots.take(Rows.NOON, List::of, List::of);
        await().until(() -> progress.tick("a").equals(Rows.NOON));
        assertThat(notes.ticks).isEmpty();
    }

    @Test
    void the_lag_is_the_age_of_the_newest_tick_that_the_sink_has() {
        Notes notes = new Notes();
        Instant[] now = {Rows.NOON};
        Follower follower = new Follower("a", notes, progress, SETTINGS, () -> now[0], metrics);
        followers.add(follower);
        now[0] = Rows.NOON.plusSeconds(5);
        assertThat(lag()).isEqualTo(5);
        follower.start();
        take(Rows.NOON.plusSeconds(4), 1);
        await().until(() -> lag() == 1);
        notes.away = true;
        now[0] = Rows.NOON.plusSeconds(1000);
        take(Rows.NOON.plusSeconds(999), 1);
        await().until(() -> counter("failures", "a") >= 1);
        assertThat(lag()).isEqualTo(996);
    }

    private double lag() {
        return metrics.get("bandit.sink.lag").tag("sink", "a").gauge().value();
    }

    private double counter(String name, String sink) {
        return metrics.get("bandit.sink." + name).tag("sink", sink).counter().count();
    }

    private Follower follow(String name, Sink sink) {
        return follow(name, sink, metrics);
    }

    private Follower follow(String name, Sink sink, SimpleMeterRegistry registry) {
        Follower follower = new Follower(name, sink, progress, SETTINGS, () -> Rows.NOON, registry);
        followers.add(follower);
        follower.start();
        return follower;
    }

    /** Takes so many ticks, a second apart. */
    private List<Tick> take(Instant first, int count) {
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Tick tick = Rows.tick(first.plusSeconds(i), 2, 3);
            assertThat(snapshots.take(tick.time(), tick::rows, List::of)).isTrue();
            ticks.add(tick);
        }
        return ticks;
    }

    private static PGSimpleDataSource migrated(Servers.Database database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.jdbcUrl());
        source.setUser(database.username());
        source.setPassword(database.password());
        Flyway.configure().dataSource(source).load().migrate();
        return source;
    }
}
