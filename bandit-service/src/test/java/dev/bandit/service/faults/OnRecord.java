package dev.bandit.service.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.faults.Traffic.Decision;
import dev.bandit.service.faults.Traffic.Reward;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcessClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What an experiment's ledger in Postgres and its keys in Redis say, read past the service. */
final class OnRecord {

    private final Database database;
    private final String redisUrl;
    private final String experiment;
    private final List<String> arms;

    OnRecord(Database database, String redisUrl, String experiment, List<String> arms) {
        this.database = database;
        this.redisUrl = redisUrl;
        this.experiment = experiment;
        this.arms = arms;
    }

    /** A row of {@code bandit_events}; absent numbers are NaN, absent texts empty. */
    record Event(UUID id, String kind, String arm, String unit, double propensity, double reward, String rewardId) {}

    Connection connect() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.username(), database.password());
    }

    List<Event> events() {
        try (var connection = connect();
                var statement = connection.prepareStatement(
                        """
                        select event_id, kind, arm_id, coalesce(unit_id, ''), coalesce(propensity, 'NaN'), coalesce(reward, 'NaN'),
                               coalesce(reward_id, '')
                          from bandit_events where experiment_id = ?
                        """)) {
            statement.setString(1, experiment);
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

    /** The incarnation of the state in Redis that Postgres says is valid. */
    String validEpoch() {
        try (var connection = connect();
                var statement = connection.prepareStatement("select epoch from store_state where experiment_id = ?")) {
            statement.setString(1, experiment);
            try (var rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    List<Event> events(String kind) {
        return events().stream().filter(event -> event.kind.equals(kind)).toList();
    }

    /** Asks Redis by a connection of its own. */
    <T> T redis(Function<StatefulRedisConnection<String, String>, T> question) {
        var client = RedisClient.create(redisUrl);
        try (var connection = client.connect()) {
            return question.apply(connection);
        } finally {
            client.shutdown();
        }
    }

    String key(String suffix) {
        return "experiment:{" + experiment + "}:" + suffix;
    }

    /** The texts of alpha and beta of every arm, by key; empty where there is none. */
    Map<String, String> parameters() {
        return redis(connection -> {
            var texts = new TreeMap<String, String>();
            for (var arm : arms) {
                for (var name : List.of("alpha", "beta")) {
                    var key = key("arm:" + arm + ":" + name);
                    var text = connection.sync().get(key);
                    texts.put(key, text == null ? "" : text);
                }
            }
            return texts;
        });
    }

    /** The counters that are not zero. */
    Map<String, String> counts() {
        return redis(connection -> {
            var counts = new TreeMap<>(connection.sync().hgetall(key("counts")));
            counts.values().removeIf("0"::equals);
            return counts;
        });
    }

    long outboxEntries() {
        return redis(connection -> connection.sync().xlen(key("outbox")));
    }

    /**
     * Everything acknowledged is on record once, nothing else but unanswered decisions is, posteriors are what one counts by hand, and the
     * audit agrees. For feedback {@code explicit} and the prior Beta(1, 1).
     */
    void agreesWith(ServiceProcessClient client, Traffic... traffic) {
        awaitDelivered(client);
        auditIsOk(client);
        assertThat(List.of(traffic)).allSatisfy(t -> assertThat(t.violations).isEmpty());
        var decisions = new HashMap<String, Decision>();
        var rewards = new HashMap<String, Reward>();
        var named = new HashMap<String, Reward>();
        for (var t : traffic) {
            decisions.putAll(t.decisions);
            rewards.putAll(t.rewards);
            named.putAll(t.named);
        }
        var decided = decidedOnce(decisions.values());
        var expected = new HashMap<>(rewards);
        expected.putAll(named);
        rewardedOnce(expected);
        assertThat(counts().entrySet().stream()
                        .filter(count -> count.getKey().startsWith("d:"))
                        .mapToLong(count -> Long.parseLong(count.getValue()))
                        .sum())
                .as("decisions counted in Redis")
                .isEqualTo(decided.size());
    }

    /** Waits until the local journal and the outbox are empty. */
    void awaitDelivered(ServiceProcessClient client) {
        await().atMost(Traffic.PATIENCE).pollInterval(Duration.ofMillis(50)).ignoreExceptions().until(() -> {
            var journal = client.metric("bandit_journal_bytes");
            return journal == 0 && outboxEntries() == 0;
        });
    }

    static void auditIsOk(ServiceProcessClient client) {
        var audit = client.postUntilAnswered("/admin/audit", null, Traffic.PATIENCE);
        assertThat(audit.status()).isEqualTo(200);
        assertThat(audit.body().required("ok").asBoolean()).as(audit.toString()).isTrue();
    }

    /**
     * Each of these is on record once, as it was answered, and no decision is on record twice.
     *
     * @return all decisions on record, by unit
     */
    Map<String, Event> decidedOnce(Collection<Decision> acknowledged) {
        var rows = events("decision");
        assertThat(rows).extracting(Event::id).doesNotHaveDuplicates();
        assertThat(rows).extracting(Event::unit).doesNotHaveDuplicates();
        var byUnit = rows.stream().collect(Collectors.toMap(Event::unit, event -> event));
        assertThat(acknowledged)
                .filteredOn(decision -> !byUnit.containsKey(decision.unit()))
                .as("acknowledged decisions that are not on record")
                .isEmpty();
        assertThat(acknowledged).allSatisfy(decision -> {
            var row = byUnit.get(decision.unit());
            assertThat(row.arm()).isEqualTo(decision.arm());
            assertThat(row.propensity()).isEqualTo(decision.propensity());
        });
        return byUnit;
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
                                Entry::getKey, reward -> reward.getValue().arm() + " " + reward.getValue().value())));
        assertThat(parameters()).isEqualTo(recount(expected.values()));
    }

    /** What alpha and beta of every arm must be after these rewards. */
    private Map<String, String> recount(Collection<Reward> rewards) {
        var alpha = new HashMap<String, BigDecimal>();
        var trials = new HashMap<String, Integer>();
        for (var reward : rewards) {
            alpha.merge(reward.arm(), BigDecimal.valueOf(reward.value()).setScale(6, RoundingMode.HALF_UP), BigDecimal::add);
            trials.merge(reward.arm(), 1, Integer::sum);
        }
        var texts = new TreeMap<String, String>();
        for (var arm : arms) {
            var sum = alpha.getOrDefault(arm, BigDecimal.ZERO);
            var failures = BigDecimal.valueOf(trials.getOrDefault(arm, 0)).subtract(sum);
            texts.put(key("arm:" + arm + ":alpha"), text(BigDecimal.ONE.add(sum)));
            texts.put(key("arm:" + arm + ":beta"), text(BigDecimal.ONE.add(failures)));
        }
        return texts;
    }

    private static String text(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
