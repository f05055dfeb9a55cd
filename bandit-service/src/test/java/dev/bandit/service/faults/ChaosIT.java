package dev.bandit.service.faults;

import static dev.bandit.service.faults.Scene.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.faults.Traffic.Reward;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What can happen to Redis, to two replicas and to their sessions in Postgres, one after the other in an order drawn by a seed,
 * under load. {@code -Dbandit.chaos.seconds} and {@code -Dbandit.chaos.seed} choose another run.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class ChaosIT {

    private static final Duration DURATION = Duration.ofSeconds(Integer.getInteger("bandit.chaos.seconds", 20));
    private static final long SEED = Long.getLong("bandit.chaos.seed", Scene.SEED);

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<Harm> done = new ArrayList<>();
    private @Nullable Path snapshot;

    /** What can be done to servers and services; no data are lost by the first, all that Redis had by the others. */
    private enum Harm {
        REDIS_KILLED,
        REDIS_FROZEN,
        SERVICE_KILLED,
        SERVICE_FROZEN,
        SESSIONS_ENDED,
        REBUILD_ORDERED,
        LEDGER_LOCKED,
        REDIS_WIPED,
        REDIS_EMPTIED,
        REDIS_COPIED,
        REDIS_RESTORED,
        SERVICE_CUT_OFF;

        boolean loses() {
            return compareTo(LEDGER_LOCKED) > 0;
        }
    }

    @Test
    void everything_acknowledged_counts_once_while_redis_keeps_its_data() {
        run(false, Map.of(), (trial, traffic) -> trial.agreesWith(traffic));
    }

    @Test
    void rewards_acknowledged_by_the_ledger_count_once_whatever_happens() {
        run(true, Map.of("reward_ack", "ledger"), (trial, traffic) -> trial.rewardedOnce(all(traffic)));
    }

    private interface Check {
        void of(Trial trial, Traffic traffic);
    }

    /** @param check of the experiment with feedback explicit, after what holds for all */
    private void run(boolean withLosses, Map<String, Object> settings, Check check) {
        var harms = Stream.of(Harm.values())
                .filter(harm -> withLosses || !harm.loses())
                .toList();
        try (var scene = new Scene(services, "--bandit.snapshot.interval=1s")) {
            var second = services.service(scene.redis.url(), scene.database, "--bandit.snapshot.interval=1s")
                    .start();
            var replicas = List.of(scene.service, second);
            var clients = List.of(scene.client, second.client());
            var explicit = scene.trial(settings);
            var exposure = scene.trial(with(settings, Map.of("feedback", "exposure")));
            var window = scene.trial(with(settings, Map.of("feedback", "window", "window", "3s")));
            for (var trial : List.of(explicit, exposure, window)) {
                // A replica hears of what another has defined within two seconds.
                await().atMost(PATIENCE)
                        .until(() -> clients.getLast()
                                        .get("/experiments/" + trial.id)
                                        .status()
                                == 200);
            }
            try (var toExplicit = explicit.traffic("t", clients).start(4, SEED);
                    var toExposure = exposure.traffic("t", clients).start(2, SEED);
                    var toWindow = window.traffic("t", clients).start(2, SEED)) {
                var end = System.nanoTime() + DURATION.toNanos();
                while (System.nanoTime() < end) {
                    Scene.awaitMore(toExplicit, random.nextInt(100));
                    var harm = harms.get(random.nextInt(harms.size()));
                    done.add(harm);
                    happens(harm, scene, replicas.get(random.nextInt(replicas.size())));
                }
                for (var traffic : List.of(toExplicit, toExposure, toWindow)) {
                    Scene.awaitMore(traffic, 20);
                    traffic.stop();
                    assertThat(traffic.violations).isEmpty();
                }
                for (var client : clients) {
                    await().atMost(PATIENCE).ignoreExceptions().until(() -> client.metric("bandit_journal_bytes") == 0);
                }
                agrees(exposure, toExposure);
                agrees(window, toWindow);
                agrees(explicit, toExplicit);
                check.of(explicit, toExplicit);
            } catch (RuntimeException | Error e) {
                System.err.println("seed " + SEED + ": " + done);
                throw e;
            }
        }
    }

    private void happens(Harm harm, Scene scene, ServiceProcess replica) {
        switch (harm) {
            case REDIS_KILLED -> scene.restartRedis();
            case REDIS_FROZEN -> {
                ServiceProcess.signal(scene.redis.pid(), "STOP");
                pause(3_000);
                ServiceProcess.signal(scene.redis.pid(), "CONT");
            }
            case SERVICE_KILLED -> replica.restart();
            case SERVICE_FROZEN -> {
                replica.freeze();
                pause(3_000);
                replica.thaw();
            }
            case SESSIONS_ENDED -> endSessions(scene);
            case REBUILD_ORDERED -> {
                try {
                    replica.client().post("/admin/rebuild", null);
                } catch (UncheckedIOException e) {
                    // It takes its time.
                }
            }
            case LEDGER_LOCKED -> {
                try (var ledger = scene.hold("lock table bandit_events in access exclusive mode")) {
                    pause(2_000);
                    if (random.nextBoolean()) {
                        scene.restartRedis();
                    }
                }
            }
            case REDIS_WIPED -> scene.wipeRedis();
            case REDIS_EMPTIED -> scene.redis(redis -> redis.flushall());
            case REDIS_COPIED -> {
                scene.redis.stop();
                snapshot = Servers.copy(scene.redis);
                scene.redis.start();
            }
            case REDIS_RESTORED -> {
                scene.redis.stop();
                if (snapshot != null) {
                    Servers.restore(scene.redis, snapshot);
                }
                scene.redis.start();
            }
            case SERVICE_CUT_OFF -> {
                // Postgres gives up on its sessions, others go on, and then it is back.
                replica.freeze();
                endSessions(scene);
                scene.redis(redis -> redis.flushall());
                pause(3_000);
                replica.thaw();
            }
        }
    }

    private static void endSessions(Scene scene) {
        try (var connection = scene.postgres();
                var statement = connection.createStatement()) {
            statement.execute("""
                    select pg_terminate_backend(pid) from pg_stat_activity
                     where datname = current_database() and pid <> pg_backend_pid()
                    """);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void pause(int upToMs) {
        await().pollDelay(random.nextInt(upToMs), TimeUnit.MILLISECONDS).until(() -> true);
    }

    /** Ledger, posteriors and snapshots agree, nothing is there twice, and every acknowledged reward is there and known. */
    private static void agrees(Trial trial, Traffic traffic) {
        trial.awaitDelivered();
        // A snapshot may have seen what was then lost; the next one has not.
        await().atMost(PATIENCE).untilAsserted(trial::auditIsOk);
        var found = new HashMap<String, String>();
        for (var event : trial.events()) {
            if (event.kind().equals("reward") || event.kind().equals("late")) {
                found.merge(
                        event.rewardId(), event.arm() + " " + event.reward(), (one, other) -> one + " and " + other);
            }
        }
        var expected = new HashMap<String, String>();
        all(traffic).forEach((name, reward) -> expected.put(name, reward.arm() + " " + reward.value()));
        assertThat(found).isEqualTo(expected);
        for (var kind : List.of("decision", "matured")) {
            assertThat(trial.events(kind)).extracting(Trial.Event::id).doesNotHaveDuplicates();
        }
        trial.rewardsAreStillKnown(traffic);
    }

    private static Map<String, Reward> all(Traffic traffic) {
        var all = new HashMap<>(traffic.rewards);
        all.putAll(traffic.named);
        return all;
    }

    private static Map<String, Object> with(Map<String, Object> settings, Map<String, Object> others) {
        var all = new HashMap<>(settings);
        all.putAll(others);
        return all;
    }
}
