package dev.bandit.service.faults;

import static dev.bandit.service.faults.Scene.PATIENCE;
import static dev.bandit.service.testing.ServiceProcessClient.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.faults.Traffic.Decision;
import dev.bandit.service.faults.Traffic.Reward;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis is killed, wiped, and comes back with less than it had. */
@Timeout(180)
class RedisFaultsIT {

    @RegisterExtension
    static final ServiceProcessExtension SERVICES = new ServiceProcessExtension();

    private static Scene scene;

    @BeforeAll
    static void start() {
        scene = new Scene(SERVICES, "--bandit.snapshot.interval=1s");
    }

    @BeforeEach
    void repair() {
        scene.repair();
    }

    @AfterAll
    static void close() {
        scene.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fsync.class,
            names = {"ALWAYS", "EVERYSEC"})
    void nothing_acknowledged_is_lost_when_redis_is_killed_under_load(Fsync fsync) {
        var trial = scene.trial();
        try (var traffic = trial.traffic("t").start(6, Scene.SEED)) {
            for (int i = 0; i < 3; i++) {
                scene.setFsync(fsync);
                Scene.awaitMore(traffic, 200);
                scene.redis.kill();
                var unit = "without-" + i;
                await("it is noticed")
                        .atMost(PATIENCE)
                        .until(() -> traffic.select(unit, null).degraded());
                scene.redis.start();
            }
            Scene.awaitMore(traffic, 200);
            traffic.stop();

            trial.agreesWith(traffic);
        }
    }

    @Test
    void a_wiped_redis_is_noticed_and_nobody_is_answered_from_a_fresh_prior() {
        var trial = scene.trial();
        var traffic = trial.learned("t");
        var before = trial.parameters();
        var watch = new Watch(scene.client, trial.id).watch(20).start();

        scene.wipeRedis();

        trial.awaitRestored(before);
        watch.awaitMore(20);
        watch.stop();
        isAsBefore(trial, before, traffic);
    }

    @Test
    void an_emptied_redis_is_noticed_without_anyone_asking() {
        var trial = scene.trial();
        var traffic = trial.learned("t");
        var before = trial.parameters();

        scene.redis(redis -> redis.flushall());

        trial.awaitRestored(before);
        trial.rewardsAreStillKnown(traffic);
        trial.agreesWith(traffic);
    }

    @Test
    void a_redis_that_was_wiped_while_the_service_was_down_is_noticed_before_the_first_answer() {
        var trial = scene.trial();
        var traffic = trial.learned("t");
        var before = trial.parameters();
        var watch = new Watch(scene.client, trial.id).watch(20);
        trial.awaitDelivered();

        scene.service.kill9();
        scene.wipeRedis();
        scene.service.start();

        watch.watch(20);
        isAsBefore(trial, before, traffic);
    }

    @ParameterizedTest(name = "service runs: {0}")
    @ValueSource(booleans = {true, false})
    void a_redis_restored_from_an_older_snapshot_is_brought_up_to_date(boolean serviceRuns) {
        var trial = scene.trial();
        var older = trial.learned("older");
        scene.redis.stop();
        var snapshot = Servers.copy(scene.redis);
        scene.redis.start();
        var newer = trial.learned("newer");
        var before = trial.parameters();
        var watch = new Watch(scene.client, trial.id).watch(20);
        trial.awaitDelivered();
        if (serviceRuns) {
            watch.start();
        } else {
            scene.service.kill9();
        }

        scene.redis.stop();
        Servers.restore(scene.redis, snapshot);
        scene.redis.start();

        if (!serviceRuns) {
            scene.service.start();
            watch.start();
        }
        watch.awaitMore(20);
        trial.awaitRestored(before);
        watch.awaitMore(20);
        watch.stop();
        isAsBefore(trial, before, older, newer);
    }

    private static void isAsBefore(Trial trial, Map<String, String> before, Traffic... traffic) {
        for (var one : traffic) {
            trial.rewardsAreStillKnown(one);
        }
        assertThat(trial.parameters()).isEqualTo(before);
        trial.awaitDelivered();
        trial.auditIsOk();
    }

    @Test
    void exposures_are_the_same_after_a_wipe() {
        var trial = scene.trial(Map.of("feedback", "exposure"));
        var traffic = trial.learned("t");
        var before = trial.parameters();
        var counts = trial.counts();

        scene.wipeRedis();
        trial.awaitAsked();

        assertThat(trial.parameters()).isEqualTo(before);
        assertThat(trial.counts()).isEqualTo(counts);
        trial.rewardsAreStillKnown(traffic);
        assertThat(trial.parameters()).isEqualTo(before);
        traffic.select("after", List.of("a"));
        trial.awaitDelivered();
        assertThat(new BigDecimal(trial.parameters().get("a:beta")))
                .isEqualByComparingTo(new BigDecimal(before.get("a:beta")).add(BigDecimal.ONE));
        trial.auditIsOk();
    }

    @Test
    void open_windows_and_late_rewards_are_the_same_after_a_wipe() {
        var trial = scene.trial(Map.of("feedback", "window", "window", "8s"));
        var traffic = trial.traffic("t");
        var inTime = traffic.select("in-time", null);
        reward(inTime, 1, "applied", false);
        var late = traffic.select("late", null);
        var never = traffic.select("never", null);
        trial.awaitEvents("matured", 2);
        reward(late, 0.5, "applied", true);
        var open = traffic.select("open", null);
        var closing = traffic.select("closing", null);
        trial.awaitDelivered();
        var before = trial.parameters();

        scene.wipeRedis();
        trial.awaitAsked();

        assertThat(trial.parameters()).isEqualTo(before);
        var answer = scene.client.postUntilAnswered(
                "/reward", object("decision_id", open.decisionId(), "reward", 1), PATIENCE);
        assertThat(answer.text("status")).isEqualTo("applied");
        reward(inTime, 1, "duplicate", false);
        reward(late, 0.5, "duplicate", false);
        conflict(inTime);
        conflict(late);
        reward(never, 1, "applied", true);
        reward(never, 1, "duplicate", false);
        // On a machine that is slow enough the window was over.
        var missed = answer.body().has("late");
        var successes = missed ? List.of(inTime) : List.of(inTime, open);
        var failures = missed ? List.of(late, never, closing, open) : List.of(late, never, closing);
        trial.awaitEvents("matured", failures.size());
        trial.awaitDelivered();
        assertThat(trial.events("matured")).hasSize(failures.size());
        assertThat(trial.parameters()).isEqualTo(counted(successes, failures));
        trial.auditIsOk();
    }

    private static Map<String, String> counted(List<Decision> successes, List<Decision> failures) {
        var counts = new TreeMap<String, Integer>();
        for (var arm : Trial.FOUR_ARMS) {
            counts.put(arm + ":alpha", 1);
            counts.put(arm + ":beta", 1);
        }
        successes.forEach(success -> counts.merge(success.arm() + ":alpha", 1, Integer::sum));
        failures.forEach(failure -> counts.merge(failure.arm() + ":beta", 1, Integer::sum));
        var texts = new TreeMap<String, String>();
        counts.forEach((key, count) -> texts.put(key, count.toString()));
        return texts;
    }

    @Test
    void rewards_acknowledged_by_the_ledger_outlive_a_redis_that_keeps_nothing() {
        scene.forget();
        var trial = scene.trial(Map.of("reward_ack", "ledger"));
        try (var traffic = trial.traffic("t").start(6, Scene.SEED)) {
            for (int i = 0; i < 3; i++) {
                Scene.awaitMore(traffic, 200);
                scene.restartRedis();
            }
            Scene.awaitMore(traffic, 200);
            traffic.stop();

            trial.awaitDelivered();
            assertThat(traffic.violations).isEmpty();
            var expected = new HashMap<String, Reward>(traffic.rewards);
            expected.putAll(traffic.named);
            trial.rewardedOnce(expected);
            assertThat(trial.events("decision")).extracting(Trial.Event::id).doesNotHaveDuplicates();
            agreesAtTheNextSnapshot(trial);
        }
    }

    /** The relay is held up between the script and the commit, long enough for Redis to lose the reward. */
    @Test
    void a_reward_that_redis_forgot_before_the_ledger_had_it_is_not_acknowledged() throws Exception {
        scene.forget();
        var trial = scene.trial(Map.of("reward_ack", "ledger"));
        trial.learned("t");
        var before = trial.parameters();
        var body = object("experiment_id", trial.id, "arm_id", "a", "reward", 1, "reward_id", "lost");
        try (var relay = trial.holdRelay();
                var thread = Executors.newSingleThreadExecutor()) {
            var answer = thread.submit(() -> scene.client.post("/reward", body));
            await().atMost(PATIENCE).until(() -> !trial.parameters().equals(before));

            scene.restartRedis();
            await().atMost(PATIENCE).until(RedisFaultsIT::serviceIsConnected);
            relay.close();

            var first = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            var second = scene.client.postUntilAnswered("/reward", body, PATIENCE);
            assertThat(second.status()).isEqualTo(200);
            assertThat(second.text("status"))
                    .as("again, after the first answer was " + first)
                    .isEqualTo(first.status() == 200 ? "duplicate" : "applied");
        }
        trial.awaitDelivered();
        assertThat(trial.events("reward"))
                .filteredOn(event -> event.rewardId().equals("lost"))
                .hasSize(1);
        agreesAtTheNextSnapshot(trial);
    }

    /** With reward_ack store, what a Redis without persistence forgets before the relay has it is gone, and everybody has to agree on that. */
    @Test
    void after_a_loss_that_was_allowed_ledger_posteriors_and_snapshots_agree_again() {
        scene.forget();
        var trial = scene.trial();
        var traffic = trial.learned("t");
        var before = trial.parameters();
        try (var relay = trial.holdRelay()) {
            Trial.more(trial.traffic("lost"), "lost");
            var ahead = successes(trial);
            await().atMost(PATIENCE).until(() -> successes(trial) > ahead);

            scene.restartRedis();
        }

        trial.awaitRestored(before);
        trial.rewardsAreStillKnown(traffic);
        agreesAtTheNextSnapshot(trial);
    }

    /** The sum of the newest snapshot of the trial. */
    private static double successes(Trial trial) {
        try (var connection = scene.postgres();
                var statement = connection.prepareStatement("""
                        select coalesce(sum(successes_total), -1) from posterior_snapshots
                         where test_id = ? and "timestamp" = (select max("timestamp") from posterior_snapshots where test_id = ?)
                        """)) {
            statement.setString(1, trial.id);
            statement.setString(2, trial.id);
            try (var rows = statement.executeQuery()) {
                rows.next();
                return rows.getDouble(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A snapshot may have seen what Redis then forgot; the next one has not. */
    private static void agreesAtTheNextSnapshot(Trial trial) {
        await().atMost(PATIENCE).untilAsserted(trial::auditIsOk);
    }

    private static boolean serviceIsConnected() {
        // The first is the one that asks.
        return scene.redis(redis -> redis.clientList().lines().count()) > 1;
    }

    private static void reward(Decision decision, double value, String status, boolean late) {
        var answer = scene.client.postUntilAnswered(
                "/reward", object("decision_id", decision.decisionId(), "reward", value), PATIENCE);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.text("status")).isEqualTo(status);
        assertThat(answer.body().has("late")).as(answer.toString()).isEqualTo(late);
    }

    private static void conflict(Decision decision) {
        var answer = scene.client.postUntilAnswered(
                "/reward", object("decision_id", decision.decisionId(), "reward", 0.75), PATIENCE);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(409);
    }
}
