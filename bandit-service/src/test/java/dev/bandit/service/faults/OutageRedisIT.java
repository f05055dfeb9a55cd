package dev.bandit.service.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.RedisServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.faults.OutageClient.Answer;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Redis away, or there and silent, under load: arms are chosen all the same, and everything is on record in the end. */
class OutageRedisIT {

    private static final String TWO_ARMS = "\"variants\":[{\"name\":\"control\"},{\"name\":\"treatment\"}]";
    private static final Duration OUTAGE = Duration.ofSeconds(8);
    /** Shorter than it takes the service to give the connection up. */
    private static final Duration SILENCE = Duration.ofSeconds(4);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** After so long the service must know that Redis is away. */
    private static final Duration FIRST_MOMENTS = Duration.ofSeconds(2);

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final RedisServer redis = Servers.newRedis(Fsync.NO);
    private final Database database = Servers.freshDatabase();

    @BeforeEach
    void startRedis() {
        redis.start();
    }

    @AfterEach
    void killRedis() {
        redis.kill();
    }

    @Test
    void without_redis_arms_are_chosen_and_decisions_reach_the_ledger_once_it_is_back() throws Exception {
        outage(redis.url(), redis::stop, OUTAGE, redis::start);
    }

    @Test
    void with_redis_frozen_arms_are_chosen_and_decisions_reach_the_ledger_once_it_goes_on() throws Exception {
        long pid = redis.pid();
        outage(redis.url(), () -> ServiceProcess.signal(pid, "STOP"), OUTAGE, () -> ServiceProcess.signal(pid, "CONT"));
    }

    @Test
    void with_connections_to_redis_lost_without_a_word_new_ones_are_made() throws Exception {
        try (OutageProxy proxy = new OutageProxy(redis.port())) {
            outage(proxy.instead(redis.url()), proxy::loseConnections, SILENCE, () -> {});
        }
    }

    @Test
    void started_without_redis_it_refuses_until_redis_is_there_and_then_works() throws Exception {
        String url = redis.url();
        redis.stop();
        ServiceProcess service = service(url).start();
        SoftAssertions softly = new SoftAssertions();
        try (OutageClient client = new OutageClient(service.url())) {
            assertThat(client.put("/experiments/early", "{" + TWO_ARMS + "}").status())
                    .isEqualTo(201);
            for (int i = 0; i < 5; i++) {
                Answer select = client.select("early");
                softly.assertThat(select.status()).as(select.toString()).isEqualTo(503);
                softly.assertThat(select.retryAfter()).as(select.toString()).isNotNull();
                softly.assertThat(select.seconds()).as(select.toString()).isLessThan(10);
            }
            softly.assertThat(client.get("/actuator/health/liveness").status())
                    .as("liveness")
                    .isEqualTo(200);

            redis.start();

            await("it selects").atMost(PATIENCE).until(() -> {
                Answer select = client.select("early");
                return select.ok() && select.degraded() == null;
            });
            Answer select = client.select("early");
            Answer reward = client.reward(select.json().path("decision_id").asString(), 1);
            softly.assertThat(reward.json().path("status").asString())
                    .as(reward.toString())
                    .isEqualTo("applied");
            Answer audit = client.post("/admin/audit", "");
            softly.assertThat(audit.json().path("ok").asBoolean())
                    .as(audit.body())
                    .isTrue();
        }
        softly.assertAll();
    }

    @Test
    void stopped_under_load_with_redis_slow_it_answers_what_is_in_flight_and_keeps_what_it_acknowledged()
            throws Exception {
        try (OutageProxy proxy = new OutageProxy(redis.port())) {
            stop(
                    proxy.instead(redis.url()),
                    () -> proxy.delay(Duration.ofMillis(400)),
                    () -> proxy.delay(Duration.ZERO));
        }
    }

    @Test
    void stopped_under_load_with_redis_frozen_it_keeps_what_it_acknowledged() throws Exception {
        long pid = redis.pid();
        stop(redis.url(), () -> ServiceProcess.signal(pid, "STOP"), () -> ServiceProcess.signal(pid, "CONT"));
    }

    private void stop(String url, Runnable impair, Runnable repair) throws Exception {
        ServiceProcess service = service(url).start();
        OutageLedger ledger = new OutageLedger(database);
        SoftAssertions softly = new SoftAssertions();
        try (OutageClient client = new OutageClient(service.url())) {
            OutageLoad.warmUp(client);
            assertThat(client.put("/experiments/async", "{\"decision_ack\":\"async\"," + TWO_ARMS + "}")
                            .status())
                    .isEqualTo(201);
            await().atMost(PATIENCE).until(() -> client.select("async").ok());
            long told;
            OutageLoad load = OutageLoad.start(client, "async", 150, 1);
            try (load) {
                await().atMost(PATIENCE).until(() -> load.rewarded().size() > 200);
                impair.run();
                int impaired = load.decided().size();
                await().atMost(PATIENCE).until(() -> load.decided().size() > impaired + 200);
                told = System.nanoTime();
                service.stop();
                softly.assertThat(System.nanoTime() - told)
                        .as("time to stop")
                        .isLessThan(Duration.ofSeconds(30).toNanos());
            }
            repair.run();
            long unread = Duration.ofMillis(100).toNanos();
            softly.assertThat(OutageAnswers.failures(OutageAnswers.before(told - unread, load.selects())))
                    .as("selects sent before the stop")
                    .isEmpty();
            softly.assertThat(OutageAnswers.kinds(OutageAnswers.before(told - unread, load.rewards()).stream()
                            .filter(answer -> !answer.ok() && (answer.status() != 503 || answer.retryAfter() == null))
                            .toList()))
                    .as("rewards sent before the stop that got neither 200 nor 503 with Retry-After")
                    .isEmpty();

            service.start();
            await("the journal is drained").atMost(PATIENCE).until(() -> client.metric("bandit_journal_bytes") == 0);
            await("rewards are sent again").atMost(PATIENCE).until(load::retryRewards);
            Answer audit = client.post("/admin/audit", "");
            softly.assertThat(audit.json().path("ok").asBoolean())
                    .as(audit.body())
                    .isTrue();
            softly.assertThat(ledger.missing("async", load)).as("the ledger").isEmpty();
        }
        softly.assertAll();
    }

    private ServiceProcess service(String redisUrl, String... options) {
        String[] all = java.util.Arrays.copyOf(options, options.length + 1);
        all[options.length] = "--bandit.decision.secret=" + OutageLedger.SECRET;
        return services.service(redisUrl, database, all);
    }

    private void outage(String url, Runnable begin, Duration length, Runnable end) throws Exception {
        ServiceProcess service = service(url).start();
        OutageLedger ledger = new OutageLedger(database);
        SoftAssertions softly = new SoftAssertions();
        try (OutageClient client = new OutageClient(service.url());
                OutageProbe probe = OutageProbe.start(client)) {
            OutageLoad.warmUp(client);
            assertThat(client.put("/experiments/plain", "{" + TWO_ARMS + "}").status())
                    .isEqualTo(201);
            assertThat(client.put("/experiments/sticky", "{\"sticky_ttl\":\"1h\"," + TWO_ARMS + "}")
                            .status())
                    .isEqualTo(201);
            await().atMost(PATIENCE).until(() -> client.select("plain").ok());
            OutageLoad load = OutageLoad.start(client, "plain", 150, 1);
            try (load) {
                await().atMost(PATIENCE).until(() -> load.rewarded().size() > 200);
                double before = client.metric("bandit_decisions_degraded_total");
                double usual = OutageAnswers.quantile(load.selects(), 1);

                begin.run();
                long known = System.nanoTime() + FIRST_MOMENTS.toNanos();
                long over = System.nanoTime() + length.toNanos();
                await().atMost(length.multipliedBy(2)).until(() -> System.nanoTime() - over > 0);
                long thawed = System.nanoTime();
                end.run();

                await("the header goes").atMost(PATIENCE).until(() -> {
                    List<Answer> last = OutageAnswers.since(
                            System.nanoTime() - Duration.ofSeconds(2).toNanos(), load.selects());
                    return last.size() > 100
                            && last.stream().allMatch(answer -> answer.ok() && answer.degraded() == null);
                });
                await("rewards count again").atMost(PATIENCE).until(() -> {
                    List<Answer> last = OutageAnswers.since(
                            System.nanoTime() - Duration.ofSeconds(2).toNanos(), load.rewards());
                    return last.size() > 100 && last.stream().allMatch(Answer::ok);
                });
                List<Answer> meanwhile = OutageAnswers.before(thawed, OutageAnswers.since(known, load.selects()));
                softly.assertThat(OutageAnswers.failures(load.selects()))
                        .as("selects")
                        .isEmpty();
                softly.assertThat(OutageAnswers.quantile(load.selects(), 1))
                        .as("slowest select")
                        .isLessThan(2 + 10 * usual);
                softly.assertThat(meanwhile).as("selects during the outage").hasSizeGreaterThan(100);
                softly.assertThat(OutageAnswers.quantile(meanwhile, 0.99))
                        .as("p99 of the selects during the outage")
                        .isLessThan(0.9 + 10 * usual);
                softly.assertThat(OutageAnswers.kinds(meanwhile.stream()
                                .filter(answer -> answer.degraded() == null)
                                .toList()))
                        .as("selects during the outage that do not say that they are degraded")
                        .isEmpty();
                softly.assertThat(probe.highest("bandit_decisions_degraded_total"))
                        .as("degraded")
                        .isGreaterThan(before + 200);
                softly.assertThat(probe.highest("bandit_journal_bytes"))
                        .as("journal")
                        .isGreaterThan(1000);
                softly.assertThat(OutageAnswers.failures(load.rewards().stream()
                                .filter(answer -> answer.status() != 503 || answer.retryAfter() == null)
                                .toList()))
                        .as("rewards other than 200 and 503 with Retry-After")
                        .isEmpty();
                List<Answer> rewards = OutageAnswers.before(thawed, OutageAnswers.since(known, load.rewards()));
                softly.assertThat(rewards).as("rewards during the outage").hasSizeGreaterThan(100);
                // A reward waits for the batch that is on its way, and for its own: 2 s each.
                softly.assertThat(OutageAnswers.quantile(rewards, 0.99))
                        .as("p99 of the rewards during the outage")
                        .isLessThan(6 + 10 * usual);
                softly.assertThat(OutageAnswers.failures(probe.liveness()))
                        .as("liveness")
                        .isEmpty();
            }
            await("the journal is drained")
                    .atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(client.metric("bandit_journal_bytes")).isZero());
            await("rewards are sent again").atMost(PATIENCE).until(load::retryRewards);
            await("the outbox is empty")
                    .atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(client.metric("bandit_outbox_entries")).isZero());
            softly.assertThat(client.metric("bandit_journal_dropped_total"))
                    .as("dropped")
                    .isZero();
            softly.assertThat(ledger.missing("plain", load)).as("the ledger").isEmpty();
            Answer audit = client.post("/admin/audit", "");
            softly.assertThat(audit.json().path("ok").asBoolean())
                    .as(audit.body())
                    .isTrue();
        }
        softly.assertAll();
    }
}
