package dev.bandit.service.faults;

import static dev.bandit.service.faults.Scene.EXPERIMENT;
import static dev.bandit.service.faults.Scene.PATIENCE;
import static dev.bandit.service.testing.ServiceProcessClient.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Crashes at chosen points between Redis and Postgres, where a lock in Postgres or a frozen Redis stops the service first. */
@Timeout(180)
class BeforeAndAfterCommitIT {

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    @Test
    void what_was_only_in_the_outbox_reaches_the_ledger_once_after_a_crash() {
        try (var scene = Scene.start(services, Map.of())) {
            var traffic = scene.learned("t");
            try (var relay = scene.holdRelay()) {
                more(traffic, "held");
                assertThat(scene.onRecord.outboxEntries()).isPositive();
                scene.service.kill9();
            }

            scene.service.start();

            scene.onRecord.agreesWith(scene.client, traffic);
        }
    }

    @Test
    void what_was_committed_but_not_trimmed_is_in_the_ledger_once_after_a_crash() {
        try (var scene = Scene.start(services, Map.of())) {
            var traffic = scene.learned("t");
            int known = scene.onRecord.events().size();
            try (var events = scene.holdTable("bandit_events")) {
                more(traffic, "held");
                await().atMost(PATIENCE).until(() -> events.waiting() > 0);
                // The relay has read the outbox. Whatever it tells Redis from now on is lost.
                ServiceProcess.signal(scene.redis.pid(), "STOP");
            }
            await().atMost(PATIENCE).until(() -> scene.onRecord.events().size() > known);
            scene.service.kill9();
            scene.restartRedis();
            assertThat(scene.onRecord.outboxEntries()).isPositive();

            scene.service.start();

            more(traffic, "after");
            scene.onRecord.agreesWith(scene.client, traffic);
        }
    }

    @Test
    void a_reward_on_its_way_to_redis_when_the_service_dies_is_counted_once_when_it_is_sent_again() throws Exception {
        try (var scene = Scene.start(services, Map.of())) {
            var traffic = scene.learned("t");
            var before = scene.onRecord.parameters();
            var body = object("experiment_id", EXPERIMENT, "arm_id", "a", "reward", 1, "reward_id", "on-its-way");
            ServiceProcess.signal(scene.redis.pid(), "STOP");
            try (var thread = Executors.newSingleThreadExecutor()) {
                var unanswered = thread.submit(() -> {
                    try {
                        return scene.client.post("/reward", body).status();
                    } catch (UncheckedIOException e) {
                        return 0;
                    }
                });
                // It is refused after a while, or cut off; either way Redis has it in its socket.
                await().atMost(PATIENCE).until(() -> unanswered.isDone());
                assertThat(unanswered.get(1, TimeUnit.SECONDS)).isNotEqualTo(200);
            }
            scene.service.kill9();
            ServiceProcess.signal(scene.redis.pid(), "CONT");
            await().atMost(PATIENCE).until(() -> !scene.onRecord.parameters().equals(before));
            scene.service.start();

            traffic.rewardArm("on-its-way", "a", 1, new SplittableRandom(Scene.SEED));

            scene.onRecord.agreesWith(scene.client, traffic);
        }
    }

    @Test
    void a_rebuild_that_dies_half_way_is_done_again() {
        try (var scene = Scene.start(services, Map.of())) {
            var traffic = scene.learned("t");
            var before = scene.onRecord.parameters();
            try (var events = scene.holdTable("bandit_events")) {
                scene.wipeRedis();
                ask(scene);
                await().atMost(PATIENCE).until(() -> epoch(scene).startsWith("rebuilding") && events.waiting() > 0);
                scene.service.kill9();
            }

            scene.service.start();

            scene.awaitAsked();
            assertThat(scene.onRecord.parameters()).isEqualTo(before);
            scene.rewardsAreStillKnown(traffic);
            scene.onRecord.agreesWith(scene.client, traffic);
        }
    }

    @ParameterizedTest(name = "published: {0}")
    @ValueSource(booleans = {false, true})
    void a_rebuild_that_dies_before_it_opens_the_fence_is_done_again(boolean published) {
        try (var scene = Scene.start(services, Map.of())) {
            var traffic = scene.learned("t");
            var before = scene.onRecord.parameters();
            var epoch = scene.onRecord.validEpoch();
            try (var state = scene.holdWrites("store_state")) {
                scene.wipeRedis();
                ask(scene);
                await().atMost(PATIENCE).until(() -> epoch(scene).startsWith("rebuilding") && state.waiting() > 0);
                if (published) {
                    // The last thing that Redis is told will be lost.
                    ServiceProcess.signal(scene.redis.pid(), "STOP");
                } else {
                    scene.service.kill9();
                }
            }
            if (published) {
                await().atMost(PATIENCE).until(() -> !scene.onRecord.validEpoch().equals(epoch));
                scene.service.kill9();
                scene.restartRedis();
            }
            assertThat(epoch(scene)).startsWith("rebuilding");

            scene.service.start();

            scene.awaitAsked();
            assertThat(scene.onRecord.parameters()).isEqualTo(before);
            scene.rewardsAreStillKnown(traffic);
            scene.onRecord.agreesWith(scene.client, traffic);
        }
    }

    /** Selects, which wait for nothing but Redis, and rewards. */
    private static void more(Traffic traffic, String name) {
        var random = new SplittableRandom(Scene.SEED);
        for (int i = 0; i < 20; i++) {
            traffic.step(name + "-" + i, random);
        }
    }

    /** Makes the service look at Redis; it has no answer yet. */
    private static void ask(Scene scene) {
        Thread.ofVirtual().start(() -> {
            try {
                scene.client.get("/experiments/" + EXPERIMENT + "/posterior");
            } catch (UncheckedIOException e) {
                // Killed meanwhile.
            }
        });
    }

    private static String epoch(Scene scene) {
        String epoch = scene.onRecord.redis(connection -> connection.sync().get(scene.onRecord.key("epoch")));
        return epoch == null ? "" : epoch;
    }
}
