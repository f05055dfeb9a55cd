package dev.bandit.service.faults;

import static dev.bandit.service.testing.ServiceProcessClient.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.RedisServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.faults.Traffic.Reward;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessClient;
import dev.bandit.service.testing.ServiceProcessClient.Answer;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Redis is killed, wiped, and comes back with less than it had. */
@Timeout(180)
class RedisFaultsIT {

    private static final String EXPERIMENT = "faults";
    private static final List<String> ARMS = List.of("a", "b", "c", "d");
    private static final long SEED = 4711;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final Database database = Servers.freshDatabase();
    private final RedisServer redis = Servers.newRedis(Fsync.ALWAYS);

    @AfterEach
    void stopRedis() {
        redis.close();
    }

    @ParameterizedTest
    @EnumSource(value = Fsync.class, names = {"ALWAYS", "EVERYSEC"})
    void nothing_acknowledged_is_lost_when_redis_is_killed_under_load(Fsync fsync) {
        try (var killed = Servers.newRedis(fsync).start()) {
            var service = started(killed);
            var client = service.client();
            define(client, Map.of());
            try (var traffic = new Traffic(client, EXPERIMENT, ARMS, "t").start(6, SEED)) {
                for (int i = 0; i < 3; i++) {
                    awaitMore(traffic, 200);
                    killed.kill();
                    awaitDegraded(traffic);
                    killed.start();
                }
                awaitMore(traffic, 200);
                traffic.stop();

                onRecord(killed).agreesWith(client, traffic);
            }
        }
    }

    @Test
    void a_wiped_redis_is_noticed_and_nobody_is_answered_from_a_fresh_prior() {
        redis.start();
        var client = started(redis).client();
        define(client, Map.of());
        var traffic = learned(client, "t");
        var before = onRecord(redis).parameters();
        var watch = new Watch(client, EXPERIMENT).watch(20).start();

        redis.stop();
        Servers.wipe(redis);
        redis.start();

        awaitRestored(before);
        watch.awaitMore(20);
        watch.stop();
        rewardsAreStillKnown(client, traffic);
        assertThat(onRecord(redis).parameters()).isEqualTo(before);
        OnRecord.auditIsOk(client);
    }

    @Test
    void an_emptied_redis_is_noticed_without_anyone_asking() {
        redis.start();
        var client = started(redis, "--bandit.snapshot.interval=1s").client();
        define(client, Map.of());
        var traffic = learned(client, "t");
        var before = onRecord(redis).parameters();

        String flushed = onRecord(redis).redis(connection -> connection.sync().flushall());
        assertThat(flushed).isEqualTo("OK");

        awaitRestored(before);
        rewardsAreStillKnown(client, traffic);
        onRecord(redis).agreesWith(client, traffic);
    }

    @Test
    void a_redis_that_was_wiped_while_the_service_was_down_is_noticed_before_the_first_answer() {
        redis.start();
        var service = started(redis);
        var client = service.client();
        define(client, Map.of());
        var traffic = learned(client, "t");
        var before = onRecord(redis).parameters();
        var seen = new Watch(client, EXPERIMENT).watch(20);
        onRecord(redis).awaitDelivered(client);

        service.kill9();
        redis.stop();
        Servers.wipe(redis);
        redis.start();
        service.start();

        seen.watch(20);
        assertThat(onRecord(redis).parameters()).isEqualTo(before);
        rewardsAreStillKnown(client, traffic);
        OnRecord.auditIsOk(client);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_redis_restored_from_an_older_snapshot_is_brought_up_to_date(boolean serviceRuns) {
        redis.start();
        var service = started(redis);
        var client = service.client();
        define(client, Map.of());
        var older = learned(client, "older");
        redis.stop();
        var snapshot = Servers.copy(redis);
        redis.start();
        var newer = learned(client, "newer");
        var before = onRecord(redis).parameters();
        var watch = new Watch(client, EXPERIMENT).watch(20);
        onRecord(redis).awaitDelivered(client);
        if (serviceRuns) {
            watch.start();
        } else {
            service.kill9();
        }

        redis.stop();
        Servers.restore(redis, snapshot);
        redis.start();

        if (!serviceRuns) {
            service.start();
            watch.start();
        }
        watch.awaitMore(20);
        awaitRestored(before);
        watch.awaitMore(20);
        watch.stop();
        rewardsAreStillKnown(client, older);
        rewardsAreStillKnown(client, newer);
        assertThat(onRecord(redis).parameters()).isEqualTo(before);
        OnRecord.auditIsOk(client);
    }

    @Test
    void exposures_are_the_same_after_a_wipe() {
        redis.start();
        var client = started(redis).client();
        define(client, Map.of("feedback", "exposure"));
        var traffic = learned(client, "t");
        var before = onRecord(redis).parameters();
        var counts = onRecord(redis).counts();

        redis.stop();
        Servers.wipe(redis);
        redis.start();
        awaitAsked(client);

        assertThat(onRecord(redis).parameters()).isEqualTo(before);
        assertThat(onRecord(redis).counts()).isEqualTo(counts);
        rewardsAreStillKnown(client, traffic);
        assertThat(onRecord(redis).parameters()).isEqualTo(before);
        traffic.select("after", List.of("a"));
        var beta = onRecord(redis).key("arm:a:beta");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Double.parseDouble(onRecord(redis).parameters().get(beta)))
                        .isEqualTo(Double.parseDouble(before.get(beta)) + 1));
        OnRecord.auditIsOk(client);
    }

    @Test
    void open_windows_and_late_rewards_are_the_same_after_a_wipe() {
        redis.start();
        var client = started(redis).client();
        define(client, Map.of("feedback", "window", "window", "8s"));
        var onRecord = onRecord(redis);
        var traffic = new Traffic(client, EXPERIMENT, ARMS, "t");
        var inTime = traffic.select("in-time", null);
        reward(client, inTime.decisionId(), 1, "applied", false);
        var late = traffic.select("late", null);
        var never = traffic.select("never", null);
        await().atMost(PATIENCE).until(() -> onRecord.events("matured").size() == 2);
        reward(client, late.decisionId(), 0.5, "applied", true);
        var open = traffic.select("open", null);
        var closing = traffic.select("closing", null);
        onRecord.awaitDelivered(client);
        var before = onRecord.parameters();

        redis.stop();
        Servers.wipe(redis);
        redis.start();
        awaitAsked(client);

        assertThat(onRecord.parameters()).isEqualTo(before);
        var wasOpen = client.postUntilAnswered("/reward", object("decision_id", open.decisionId(), "reward", 1), PATIENCE);
        assertThat(wasOpen.text("status")).isEqualTo("applied");
        var missed = wasOpen.body().has("late");
        reward(client, inTime.decisionId(), 1, "duplicate", false);
        reward(client, late.decisionId(), 0.5, "duplicate", false);
        conflict(client, inTime.decisionId());
        conflict(client, late.decisionId());
        reward(client, never.decisionId(), 1, "applied", true);
        reward(client, never.decisionId(), 1, "duplicate", false);
        var closed = missed ? 4 : 3;
        await().atMost(PATIENCE).until(() -> onRecord.events("matured").size() >= closed);
        onRecord.awaitDelivered(client);
        assertThat(onRecord.events("matured")).hasSize(closed);
        var expected = new HashMap<String, Integer>();
        for (var arm : ARMS) {
            expected.put(onRecord.key("arm:" + arm + ":alpha"), 1);
            expected.put(onRecord.key("arm:" + arm + ":beta"), 1);
        }
        for (var success : missed ? List.of(inTime) : List.of(inTime, open)) {
            expected.merge(onRecord.key("arm:" + success.arm() + ":alpha"), 1, Integer::sum);
        }
        for (var failure : missed ? List.of(late, never, closing, open) : List.of(late, never, closing)) {
            expected.merge(onRecord.key("arm:" + failure.arm() + ":beta"), 1, Integer::sum);
        }
        onRecord.parameters().forEach((key, text) -> assertThat(text).as(key).isEqualTo(expected.get(key).toString()));
        OnRecord.auditIsOk(client);
    }

    @Test
    void rewards_acknowledged_by_the_ledger_outlive_a_redis_that_keeps_nothing() {
        redis.start();
        keepNothing();
        var client = started(redis).client();
        define(client, Map.of("reward_ack", "ledger"));
        try (var traffic = new Traffic(client, EXPERIMENT, ARMS, "t").start(6, SEED)) {
            for (int i = 0; i < 3; i++) {
                awaitMore(traffic, 200);
                redis.kill();
                Servers.wipe(redis);
                redis.start();
                keepNothing();
            }
            awaitMore(traffic, 200);
            traffic.stop();

            var onRecord = onRecord(redis);
            onRecord.awaitDelivered(client);
            OnRecord.auditIsOk(client);
            assertThat(traffic.violations).isEmpty();
            var expected = new HashMap<String, Reward>(traffic.rewards);
            expected.putAll(traffic.named);
            onRecord.rewardedOnce(expected);
            assertThat(onRecord.events("decision")).extracting(OnRecord.Event::id).doesNotHaveDuplicates();
        }
    }

    /** The relay is held up between the script and the commit, long enough for Redis to lose the reward. */
    @Test
    void a_reward_that_redis_forgot_before_the_ledger_had_it_is_not_acknowledged() throws Exception {
        redis.start();
        keepNothing();
        var client = started(redis).client();
        define(client, Map.of("reward_ack", "ledger"));
        learned(client, "t");
        var onRecord = onRecord(redis);
        var body = object("experiment_id", EXPERIMENT, "arm_id", "a", "reward", 1, "reward_id", "lost");
        var before = onRecord.parameters();
        try (var connection = onRecord.connect();
                var thread = Executors.newSingleThreadExecutor()) {
            try (var lock = connection.prepareStatement("select pg_advisory_lock(hashtextextended(?, 0))")) {
                lock.setString(1, "bandit experiment " + EXPERIMENT);
                lock.execute();
            }
            var answer = thread.submit(() -> client.post("/reward", body));
            await().atMost(PATIENCE).until(() -> !onRecord.parameters().equals(before));

            redis.kill();
            Servers.wipe(redis);
            redis.start();
            await().atMost(PATIENCE).until(() -> connections() > 1);
            try (var unlock = connection.prepareStatement("select pg_advisory_unlock_all()")) {
                unlock.execute();
            }

            var first = answer.get(30, TimeUnit.SECONDS);
            var second = client.postUntilAnswered("/reward", body, PATIENCE);
            assertThat(second.status()).isEqualTo(200);
            assertThat(second.text("status"))
                    .as("again, after the first answer was " + first)
                    .isEqualTo(first.status() == 200 ? "duplicate" : "applied");
        }
        onRecord.awaitDelivered(client);
        assertThat(onRecord.events("reward")).filteredOn(event -> event.rewardId().equals("lost")).hasSize(1);
        OnRecord.auditIsOk(client);
    }

    /** The one that asks included. */
    private long connections() {
        return onRecord(redis).redis(connection -> connection.sync().clientList().lines().count());
    }

    private void keepNothing() {
        onRecord(redis).redis(connection -> connection.sync().configSet("appendonly", "no"));
    }

    private ServiceProcess started(RedisServer on, String... options) {
        return services.service(on.url(), database, options).start();
    }

    private OnRecord onRecord(RedisServer on) {
        return new OnRecord(database, on.url(), EXPERIMENT, ARMS);
    }

    private static void define(ServiceProcessClient client, Map<String, Object> settings) {
        var definition = new HashMap<>(settings);
        definition.put("variants", ARMS.stream().map(arm -> Map.of("name", arm)).toList());
        assertThat(client.put("/experiments/" + EXPERIMENT, definition).status()).isEqualTo(201);
    }

    /** Some traffic, all of it in the ledger. */
    private Traffic learned(ServiceProcessClient client, String name) {
        var traffic = new Traffic(client, EXPERIMENT, ARMS, name);
        var random = new SplittableRandom(SEED);
        for (int i = 0; i < 40; i++) {
            traffic.step(name + "-" + i, random);
        }
        assertThat(traffic.violations).isEmpty();
        onRecord(redis).awaitDelivered(client);
        return traffic;
    }

    private void awaitRestored(Map<String, String> before) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(onRecord(redis).parameters()).isEqualTo(before));
    }

    /** Asks for the posteriors until they are told. */
    private static void awaitAsked(ServiceProcessClient client) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> client.get("/experiments/" + EXPERIMENT + "/posterior").status() == 200);
    }

    private static void awaitMore(Traffic traffic, int calls) {
        var enough = traffic.acknowledged() + calls;
        await().atMost(PATIENCE).until(() -> traffic.acknowledged() >= enough || !traffic.violations.isEmpty());
    }

    /** Until at least one more decision was answered without Redis. */
    private static void awaitDegraded(Traffic traffic) {
        var known = degraded(traffic);
        await().atMost(PATIENCE).until(() -> degraded(traffic) > known);
    }

    private static long degraded(Traffic traffic) {
        return traffic.decisions.values().stream().filter(Traffic.Decision::degraded).count();
    }

    private static void rewardsAreStillKnown(ServiceProcessClient client, Traffic traffic) {
        assertThat(traffic.rewards).isNotEmpty();
        assertThat(traffic.named).isNotEmpty();
        traffic.sendAllAgain();
        assertThat(traffic.violations).isEmpty();
    }

    private static void reward(ServiceProcessClient client, String decision, double value, String status, boolean late) {
        var answer = client.postUntilAnswered("/reward", object("decision_id", decision, "reward", value), PATIENCE);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.text("status")).isEqualTo(status);
        assertThat(answer.body().has("late")).as(answer.toString()).isEqualTo(late);
    }

    private static void conflict(ServiceProcessClient client, String decision) {
        var answer = client.postUntilAnswered("/reward", object("decision_id", decision, "reward", 0.75), PATIENCE);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(409);
    }

    /**
     * Selects all the time while nothing is rewarded, so that the propensities must not change, nor the version go back; and once in a
     * while somebody has to be answered.
     */
    private static final class Watch {

        private final ServiceProcessClient client;
        private final Map<String, Object> body;
        private final Map<String, Double> propensities = new HashMap<>();
        private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private volatile boolean watching;
        private volatile int answers;
        private volatile Thread thread = new Thread();
        private long version;

        Watch(ServiceProcessClient client, String experiment) {
            this.client = client;
            this.body = object("experiment_id", experiment);
        }

        Watch start() {
            watching = true;
            thread = Thread.ofVirtual().start(() -> {
                while (watching) {
                    try {
                        see(client.post("/select", body));
                    } catch (UncheckedIOException e) {
                        // The service is down.
                    }
                }
            });
            return this;
        }

        void awaitMore(int more) {
            var enough = answers + more;
            await().atMost(PATIENCE).until(() -> answers >= enough);
        }

        /** Fails if anything was wrong so far. */
        void stop() {
            watching = false;
            try {
                thread.join(PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            assertThat(wrong).isEmpty();
        }

        Watch watch(int more) {
            start();
            awaitMore(more);
            stop();
            return this;
        }

        private void see(Answer answer) {
            if (answer.status() >= 500) {
                return;
            }
            if (answer.status() != 200) {
                wrong.add(answer.toString());
                return;
            }
            var propensity = answer.body().required("propensity").asDouble();
            var known = propensities.putIfAbsent(answer.text("arm_id"), propensity);
            var newer = answer.body().required("posterior_version").asLong();
            if (known != null && known != propensity || newer < version) {
                wrong.add(answer + " after version " + version + ", with " + propensities);
            }
            version = Math.max(version, newer);
            answers++;
        }
    }
}
