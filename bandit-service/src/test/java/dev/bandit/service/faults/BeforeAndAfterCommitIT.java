package dev.bandit.service.faults;

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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Crashes at chosen points between Redis and Postgres, where a lock in Postgres or a frozen Redis stops the service first. */
@Timeout(180)
class BeforeAndAfterCommitIT {

    /** Nobody else reads or writes the ledger. */
    private static final String LEDGER = "lock table bandit_events in access exclusive mode";
    /** Nobody else declares an incarnation of the state in Redis. */
    private static final String DECLARATIONS = "lock table store_state in exclusive mode";

    @RegisterExtension
    static final ServiceProcessExtension SERVICES = new ServiceProcessExtension();

    private static Scene scene;

    @BeforeAll
    static void start() {
        scene = new Scene(SERVICES);
    }

    @BeforeEach
    void repair() {
        scene.repair();
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    @Test
    void what_was_only_in_the_outbox_reaches_the_ledger_once_after_a_crash() {
        var trial = scene.trial();
        var traffic = trial.learned("t");
        try (var relay = trial.holdRelay()) {
            Trial.more(traffic, "held");
            assertThat(trial.outboxEntries()).isPositive();
            scene.service.kill9();
        }

        scene.service.start();

        trial.agreesWith(traffic);
    }

    @Test
    void what_was_committed_but_not_trimmed_is_in_the_ledger_once_after_a_crash() {
        var trial = scene.trial();
        var traffic = trial.learned("t");
        var known = trial.events().size();
        try (var ledger = scene.hold(LEDGER)) {
            Trial.more(traffic, "held");
            await().atMost(PATIENCE).until(ledger::isWaitedFor);
            // The relay has read the outbox. Whatever it tells Redis from now on is lost.
            ServiceProcess.signal(scene.redis.pid(), "STOP");
        }
        await().atMost(PATIENCE).until(() -> trial.events().size() > known);
        scene.service.kill9();
        scene.restartRedis();
        assertThat(trial.outboxEntries()).isPositive();

        scene.service.start();

        Trial.more(traffic, "after");
        trial.agreesWith(traffic);
    }

    @Test
    void a_reward_on_its_way_to_redis_when_the_service_dies_is_counted_once_when_it_is_sent_again() throws Exception {
        var trial = scene.trial();
        var traffic = trial.learned("t");
        var before = trial.parameters();
        var body = object("experiment_id", trial.id, "arm_id", "a", "reward", 1, "reward_id", "on-its-way");
        ServiceProcess.signal(scene.redis.pid(), "STOP");
        try (var thread = Executors.newSingleThreadExecutor()) {
            var refused = thread.submit(() -> scene.client.post("/reward", body));
            assertThat(refused.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).status())
                    .isEqualTo(503);
        }
        scene.service.kill9();
        ServiceProcess.signal(scene.redis.pid(), "CONT");
        // It was in the socket all the time.
        await().atMost(PATIENCE).until(() -> !trial.parameters().equals(before));
        scene.service.start();

        traffic.rewardArm("on-its-way", "a", 1, new SplittableRandom(Scene.SEED));

        trial.agreesWith(traffic);
    }

    @Test
    void a_rebuild_that_dies_half_way_is_done_again() {
        var trial = scene.trial();
        var traffic = trial.learned("t");
        var before = trial.parameters();
        try (var ledger = scene.hold(LEDGER)) {
            scene.wipeRedis();
            ask(trial);
            await().atMost(PATIENCE).until(() -> trial.epoch().startsWith("rebuilding") && ledger.isWaitedFor());
            scene.service.kill9();
        }

        scene.service.start();

        isRebuilt(trial, traffic, before);
    }

    @ParameterizedTest(name = "published: {0}")
    @ValueSource(booleans = {false, true})
    void a_rebuild_that_dies_before_it_opens_the_fence_is_done_again(boolean published) {
        var trial = scene.trial();
        var traffic = trial.learned("t");
        var before = trial.parameters();
        var epoch = trial.validEpoch();
        try (var declarations = scene.hold(DECLARATIONS)) {
            scene.wipeRedis();
            ask(trial);
            await().atMost(PATIENCE).until(() -> trial.epoch().startsWith("rebuilding") && declarations.isWaitedFor());
            if (published) {
                // The last thing that Redis is told will be lost.
                ServiceProcess.signal(scene.redis.pid(), "STOP");
            } else {
                scene.service.kill9();
            }
        }
        if (published) {
            await().atMost(PATIENCE).until(() -> !trial.validEpoch().equals(epoch));
            scene.service.kill9();
            scene.restartRedis();
        }
        assertThat(trial.epoch()).startsWith("rebuilding");

        scene.service.start();

        isRebuilt(trial, traffic, before);
    }

    private static void isRebuilt(Trial trial, Traffic traffic, Map<String, String> before) {
        trial.awaitAsked();
        assertThat(trial.parameters()).isEqualTo(before);
        trial.rewardsAreStillKnown(traffic);
        trial.agreesWith(traffic);
    }

    /** Makes the service look at Redis; it has no answer yet. */
    private static void ask(Trial trial) {
        Thread.ofVirtual().start(() -> {
            try {
                scene.client.get("/experiments/" + trial.id + "/posterior");
            } catch (UncheckedIOException e) {
                // Killed meanwhile.
            }
        });
    }
}
