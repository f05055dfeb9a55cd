package dev.bandit.service.faults;

import static dev.bandit.service.faults.Scene.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.faults.Scene.Held;
import dev.bandit.service.faults.Traffic.Decision;
import dev.bandit.service.faults.Traffic.Reward;
import dev.bandit.service.testing.ServiceProcessClient;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** One experiment on a scene, and what Postgres and Redis have of it, read past the service. */
final class Trial {

    static final List<String> FOUR_ARMS = List.of("a", "b", "c", "d");

    final String id;

    private final Scene scene;
    private final List<String> arms;

    /** Four arms, defined now. */
    Trial(Scene scene, String id, Map<String, Object> settings) {
        this(scene, id, FOUR_ARMS, settings);
    }

    Trial(Scene scene, String id, List<String> arms, Map<String, Object> settings) {
        this.scene = scene;
        this.id = id;
        this.arms = arms;
        var answer = scene.client.put("/experiments/" + id, Scene.definition(arms, settings));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
    }

    /** A row of {@code bandit_events}; absent numbers are NaN, absent texts empty. */
    record Event(UUID id, String kind, String arm, String unit, double propensity, double reward, String rewardId) {}

    Traffic traffic(String name) {
        return traffic(name, List.of(scene.client));
    }

    Traffic traffic(String name, List<ServiceProcessClient> replicas) {
        return new Traffic(replicas, id, arms, name);
    }

    /** Some traffic, all of it in the ledger. */
    Traffic learned(String name) {
        var traffic = traffic(name);
        more(traffic, name);
        awaitDelivered();
        return traffic;
    }

    /** Some more of it. */
    static void more(Traffic traffic, String name) {
        var random = new SplittableRandom(Scene.SEED);
        for (int i = 0; i < 30; i++) {
            traffic.step(name + "-" + i, random);
        }
        assertThat(traffic.violations).isEmpty();
    }

    /** Waits until the posteriors are what they were before. */
    void awaitRestored(Map<String, String> before) {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(parameters()).isEqualTo(before));
    }

    /** Asks for the posteriors until they are told. */
    void awaitAsked() {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() ->
                        scene.client.get("/experiments/" + id + "/posterior").status() == 200);
    }

    /** Sends everything again: nothing is counted, and another value is refused. */
    void rewardsAreStillKnown(Traffic traffic) {
        assertThat(traffic.rewards).isNotEmpty();
        assertThat(traffic.named).isNotEmpty();
        traffic.sendAllAgain();
        assertThat(traffic.violations).isEmpty();
    }

    /** Keeps relay, rebuild and audit out until it is closed. */
    Held holdRelay() {
        return scene.hold("select pg_advisory_lock(hashtextextended('bandit experiment " + id + "', 0))");
    }

    List<Event> events() {
        try (var connection = scene.postgres();
                var statement = connection.prepareStatement("""
                        select event_id, kind, arm_id, coalesce(unit_id, ''), coalesce(propensity, 'NaN'), coalesce(reward, 'NaN'),
                               coalesce(reward_id, '')
                          from bandit_events where experiment_id = ?
                        """)) {
            statement.setString(1, id);
            var events = new ArrayList<Event>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    events.add(new Event(
                            rows.getObject(1, UUID.class),
                            rows.getString(2),
                            rows.getString(3),
                            rows.getString(4),
                            rows.getDouble(5),
                            rows.getDouble(6),
                            rows.getString(7)));
                }
            }
            return events;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    List<Event> events(String kind) {
        return events().stream().filter(event -> event.kind.equals(kind)).toList();
    }

    /** The incarnation of the state in Redis that Postgres says is valid. */
    String validEpoch() {
        try (var connection = scene.postgres();
                var statement = connection.prepareStatement("select epoch from store_state where experiment_id = ?")) {
            statement.setString(1, id);
            try (var rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    String key(String suffix) {
        return "experiment:{" + id + "}:" + suffix;
    }

    /** The incarnation that Redis says it has; empty for none. */
    String epoch() {
        return text("epoch");
    }

    /** The text of a key; empty where there is none. */
    private String text(String suffix) {
        return scene.redis(redis -> {
            var text = redis.get(key(suffix));
            return text == null ? "" : text;
        });
    }

    /** The texts of alpha and beta of every arm, by {@code <arm>:alpha} and {@code <arm>:beta}; empty where there is none. */
    Map<String, String> parameters() {
        return scene.redis(redis -> {
            var texts = new TreeMap<String, String>();
            for (var arm : arms) {
                for (var name : List.of(arm + ":alpha", arm + ":beta")) {
                    var text = redis.get(key("arm:" + name));
                    texts.put(name, text == null ? "" : text);
                }
            }
            return texts;
        });
    }

    /** The counters that are not zero. */
    Map<String, String> counts() {
        return scene.redis(redis -> {
            var counts = new TreeMap<>(redis.hgetall(key("counts")));
            counts.values().removeIf("0"::equals);
            return counts;
        });
    }

    long outboxEntries() {
        return scene.redis(redis -> redis.xlen(key("outbox")));
    }

    /** Waits until the local journal and the outbox are empty. */
    void awaitDelivered() {
        await().atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> scene.client.metric("bandit_journal_bytes") == 0 && outboxEntries() == 0);
    }

    void auditIsOk() {
        var audit = scene.client.postUntilAnswered("/admin/audit?experiment=" + id, null, PATIENCE);
        assertThat(audit.status()).as(audit.toString()).isEqualTo(200);
        assertThat(audit.body().required("ok").asBoolean()).as(audit.toString()).isTrue();
    }

    /**
     * Everything acknowledged is on record once, nothing else but unanswered decisions is, posteriors are what one counts by hand, and the
     * audit agrees. For feedback {@code explicit} and the prior Beta(1, 1), when all decisions had a unit.
     */
    void agreesWith(Traffic... traffic) {
        awaitDelivered();
        auditIsOk();
        var decisions = new HashMap<String, Decision>();
        var rewards = new HashMap<String, Reward>();
        for (var t : traffic) {
            assertThat(t.violations).isEmpty();
            decisions.putAll(t.decisions);
            rewards.putAll(t.rewards);
            rewards.putAll(t.named);
        }
        decidedOnce(decisions.values());
        rewardedOnce(rewards);
    }

    /** Each of these is on record once, as it was answered, no decision is on record twice, and Redis counts as many. */
    private void decidedOnce(Collection<Decision> acknowledged) {
        var rows = events("decision");
        assertThat(rows).extracting(Event::id).doesNotHaveDuplicates();
        assertThat(rows).extracting(Event::unit).doesNotHaveDuplicates();
        var found = rows.stream().collect(Collectors.toMap(Event::unit, event -> event));
        assertThat(acknowledged)
                .filteredOn(decision -> !found.containsKey(decision.unit()))
                .as("acknowledged decisions that are not on record")
                .isEmpty();
        assertThat(acknowledged).allSatisfy(decision -> {
            var row = found.get(decision.unit());
            assertThat(row.arm()).isEqualTo(decision.arm());
            assertThat(row.propensity()).isEqualTo(decision.propensity());
        });
        assertThat(counts().entrySet().stream()
                        .filter(count -> count.getKey().startsWith("d:"))
                        .mapToLong(count -> Long.parseLong(count.getValue()))
                        .sum())
                .as("decisions counted in Redis")
                .isEqualTo(rows.size());
    }

    /**
     * The rewards on record are these, no more and no less, and the posteriors follow from them.
     *
     * @param expected by unit, or by their own name
     */
    void rewardedOnce(Map<String, Reward> expected) {
        var found = new TreeMap<String, String>();
        for (var event : events("reward")) {
            found.merge(event.rewardId(), event.arm() + " " + event.reward(), (one, other) -> one + " and " + other);
        }
        assertThat(found)
                .isEqualTo(expected.entrySet().stream()
                        .collect(Collectors.toMap(
                                Entry::getKey,
                                reward -> reward.getValue().arm() + " "
                                        + reward.getValue().value())));
        assertThat(parameters()).isEqualTo(recount(expected.values()));
    }

    /** What alpha and beta of every arm must be after these rewards. */
    private Map<String, String> recount(Collection<Reward> rewards) {
        var successes = new HashMap<String, BigDecimal>();
        var trials = new HashMap<String, Integer>();
        for (var reward : rewards) {
            var value = BigDecimal.valueOf(reward.value()).setScale(6, RoundingMode.HALF_UP);
            successes.merge(reward.arm(), value, BigDecimal::add);
            trials.merge(reward.arm(), 1, Integer::sum);
        }
        var texts = new TreeMap<String, String>();
        for (var arm : arms) {
            var sum = successes.getOrDefault(arm, BigDecimal.ZERO);
            var failures = BigDecimal.valueOf(trials.getOrDefault(arm, 0)).subtract(sum);
            texts.put(arm + ":alpha", text(BigDecimal.ONE.add(sum)));
            texts.put(arm + ":beta", text(BigDecimal.ONE.add(failures)));
        }
        return texts;
    }

    private static String text(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }

    /** Waits until there are as many events of a kind, or more. */
    void awaitEvents(String kind, int number) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> events(kind).size() >= number);
    }
}
