package dev.bandit.service.faults;

import static dev.bandit.service.faults.Scene.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.faults.Traffic.Reward;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessClient;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Everything that can happen to Redis, to two replicas and to their sessions in Postgres, one after the other in an order drawn by a seed,
 * under load. {@code -Dbandit.chaos.seconds} and {@code -Dbandit.chaos.seed} choose another run.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class ChaosIT {

    private static final Duration DURATION = Duration.ofSeconds(Integer.getInteger("bandit.chaos.seconds", 25));
    private static final long SEED = Long.getLong("bandit.chaos.seed", Scene.SEED);

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<String> happened = new ArrayList<>();

    /** With what the ledger acknowledged, since a wiped Redis may lose the rest. */
    @Test
    void rewards_acknowledged_by_the_ledger_count_once_whatever_happens() {
        try (var scene = new Scene(services, "--bandit.snapshot.interval=1s")) {
            var second = services.service(scene.redis.url(), scene.database, "--bandit.snapshot.interval=1s")
                    .start();
            var replicas = List.of(scene.service, second);
            var clients = List.of(scene.client, second.client());
            var explicit = scene.trial(Map.of("reward_ack", "ledger"));
            var exposure = scene.trial(Map.of("reward_ack", "ledger", "feedback", "exposure"));
            var window = scene.trial(Map.of("reward_ack", "ledger", "feedback", "window", "window", "3s"));
            try (var toExplicit = explicit.traffic("t", clients).start(4, SEED);
                    var toExposure = exposure.traffic("t", clients).start(2, SEED);
                    var toWindow = window.traffic("t", clients).start(2, SEED)) {
                var end = System.nanoTime() + DURATION.toNanos();
                while (System.nanoTime() < end) {
                    Scene.awaitMore(toExplicit, random.nextInt(100));
                    harm(scene, replicas, clients);
                    repair(scene, replicas);
                }
                for (var traffic : List.of(toExplicit, toExposure, toWindow)) {
                    Scene.awaitMore(traffic, 20);
                    traffic.stop();
                    assertThat(traffic.violations).as("after %s", happened).isEmpty();
                }
                for (var client : clients) {
                    await().atMost(PATIENCE).ignoreExceptions().until(() -> client.metric("bandit_journal_bytes") == 0);
                }
                assertThat(happened).isNotEmpty();
                agrees(explicit, toExplicit);
                agrees(exposure, toExposure);
                agrees(window, toWindow);
                explicit.rewardedOnce(all(toExplicit));
                explicit.rewardsAreStillKnown(toExplicit);
                exposure.rewardsAreStillKnown(toExposure);
                window.rewardsAreStillKnown(toWindow);
            } catch (RuntimeException | Error e) {
                System.err.println("seed " + SEED + ": " + happened);
                throw e;
            }
        }
    }

    private static Map<String, Reward> all(Traffic traffic) {
        var all = new HashMap<>(traffic.rewards);
        all.putAll(traffic.named);
        return all;
    }

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
        assertThat(found).containsAllEntriesOf(expected);
        assertThat(found.values()).noneMatch(value -> value.contains(" and "));
        for (var kind : List.of("decision", "matured")) {
            assertThat(trial.events(kind)).extracting(Trial.Event::id).doesNotHaveDuplicates();
        }
    }

    private @Nullable Path snapshot;

    private void harm(Scene scene, List<ServiceProcess> replicas, List<ServiceProcessClient> clients) {
        var replica = replicas.get(random.nextInt(replicas.size()));
        var client = clients.get(random.nextInt(clients.size()));
        int what = random.nextInt(11);
        happened.add(List.of(
                        "redis killed",
                        "redis wiped",
                        "redis emptied",
                        "redis copied",
                        "redis restored",
                        "redis frozen",
                        "service killed",
                        "service frozen",
                        "sessions ended",
                        "rebuild",
                        "ledger locked")
                .get(what));
        switch (what) {
            case 0 -> scene.restartRedis();
            case 1 -> scene.wipeRedis();
            case 2 -> scene.redis(redis -> redis.flushall());
            case 3 -> {
                scene.redis.stop();
                snapshot = Servers.copy(scene.redis);
                scene.redis.start();
            }
            case 4 -> {
                if (snapshot != null) {
                    scene.redis.stop();
                    Servers.restore(scene.redis, snapshot);
                    scene.redis.start();
                }
            }
            case 5 -> {
                ServiceProcess.signal(scene.redis.pid(), "STOP");
                pause(3_000);
                ServiceProcess.signal(scene.redis.pid(), "CONT");
            }
            case 6 -> replica.kill9();
            case 7 -> {
                replica.freeze();
                if (random.nextBoolean()) {
                    // As one that is cut off: Postgres gives up on its sessions, and others go on.
                    endSessions(scene);
                    scene.redis(redis -> redis.flushall());
                }
                pause(3_000);
                replica.thaw();
            }
            case 8 -> endSessions(scene);
            case 9 -> {
                try {
                    client.post("/admin/rebuild", null);
                } catch (UncheckedIOException e) {
                    // It was busy otherwise.
                }
            }
            case 10 -> {
                try (var ledger = scene.hold("lock table bandit_events in access exclusive mode")) {
                    pause(2_000);
                    if (random.nextBoolean()) {
                        scene.restartRedis();
                    }
                }
            }
            default -> throw new IllegalStateException();
        }
    }

    private void repair(Scene scene, List<ServiceProcess> replicas) {
        for (var replica : replicas) {
            if (!replica.isAlive()) {
                replica.start();
            }
        }
        assertThat(scene.redis.isRunning()).isTrue();
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
}
