package dev.bandit.service.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.faults.OutageClient.Answer;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many times what the service can take: it takes what it can, refuses the rest at once, and keeps what it took. */
class OverloadIT {

    private static final String TWO_ARMS = "{\"variants\":[{\"name\":\"control\"},{\"name\":\"treatment\"}]}";
    private static final Duration FLOOD = Duration.ofSeconds(8);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final String redisUrl = Servers.freshRedis();
    private final Database database = Servers.freshDatabase();

    @Test
    void ten_times_too_many_clients_of_a_service_with_a_slow_redis_are_refused_quickly_or_served() throws Exception {
        try (OutageProxy proxy = new OutageProxy(Servers.redis().port())) {
            SoftAssertions softly = new SoftAssertions();
            Flood flood = flood(
                    softly,
                    160,
                    proxy.instead(redisUrl),
                    () -> proxy.delay(Duration.ofMillis(150)),
                    () -> proxy.delay(Duration.ZERO),
                    "--bandit.web.max-concurrent=16");
            softly.assertThat(flood.refused).as("refused").hasSizeGreaterThan(200);
            // Those who are refused wait neither for Redis nor behind those who do.
            softly.assertThat(OutageAnswers.quantile(flood.refused, 0.5))
                    .as("median wait for a refusal, and for a decision")
                    .isLessThan(OutageAnswers.quantile(flood.served, 0.5));
            softly.assertAll();
        }
    }

    @Test
    void six_hundred_connections_are_all_answered() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        flood(softly, 600, redisUrl, () -> {}, () -> {});
        softly.assertAll();
    }

    /**
     * @param served the decisions
     * @param refused the answers of 503 and 429
     */
    private record Flood(List<Answer> served, List<Answer> refused) {}

    private Flood flood(
            SoftAssertions softly, int clients, String redisUrl, Runnable impair, Runnable repair, String... options)
            throws Exception {
        String[] all = Arrays.copyOf(options, options.length + 2);
        all[options.length] = "-Xmx256m";
        all[options.length + 1] = "--bandit.decision.secret=" + OutageLedger.SECRET;
        ServiceProcess service = services.service(redisUrl, database, all).start();
        OutageLedger ledger = new OutageLedger(database);
        try (OutageClient client = new OutageClient(service.url());
                OutageProbe probe = OutageProbe.start(client)) {
            OutageLoad.warmUp(client);
            assertThat(client.put("/experiments/flooded", TWO_ARMS).status()).isEqualTo(201);
            await().atMost(PATIENCE).until(() -> client.select("flooded").ok());

            impair.run();
            OutageLoad crowd = OutageLoad.crowd(client, "flooded", clients);
            long over = System.nanoTime() + FLOOD.toNanos();
            await().atMost(FLOOD.multipliedBy(2)).until(() -> System.nanoTime() - over > 0);
            crowd.stop();
            repair.run();

            softly.assertThat(crowd.decided()).as("decisions").hasSizeGreaterThan(100);
            softly.assertThat(crowd.rewarded()).as("rewards").hasSizeGreaterThan(50);
            softly.assertThat(strange(crowd.selects())).as("selects").isEmpty();
            softly.assertThat(strange(crowd.rewards())).as("rewards").isEmpty();
            softly.assertThat(OutageAnswers.quantile(crowd.selects(), 1))
                    .as("slowest select")
                    .isLessThan(10);
            softly.assertThat(OutageAnswers.quantile(crowd.rewards(), 1))
                    .as("slowest reward")
                    .isLessThan(10);
            softly.assertThat(OutageAnswers.failures(probe.liveness()))
                    .as("liveness")
                    .isEmpty();
            softly.assertThat(service.output()).as("output").doesNotContain("OutOfMemoryError");

            await("it is well").atMost(PATIENCE).until(() -> {
                Answer select = client.select("flooded");
                return select.ok()
                        && select.degraded() == null
                        && client.get("/health").ok()
                        && client.reward(select.json().path("decision_id").asString(), 1)
                                .ok();
            });
            await("everything is on record").atMost(PATIENCE).untilAsserted(() -> {
                assertThat(client.metric("bandit_journal_bytes")).isZero();
                assertThat(client.metric("bandit_outbox_entries")).isZero();
                assertThat(ledger.missing("flooded", crowd)).isEmpty();
            });
            softly.assertThat(client.metric("bandit_requests_in_flight"))
                    .as("requests in flight")
                    .isZero();
            Answer audit = client.post("/admin/audit", "");
            softly.assertThat(audit.json().path("ok").asBoolean())
                    .as(audit.body())
                    .isTrue();
            List<Answer> refused = new ArrayList<>(refused(crowd.selects()));
            refused.addAll(refused(crowd.rewards()));
            return new Flood(crowd.selects().stream().filter(Answer::ok).toList(), refused);
        }
    }

    private static List<Answer> refused(Collection<Answer> answers) {
        return answers.stream().filter(answer -> !answer.ok()).toList();
    }

    /** What is neither an answer nor a refusal that says when to come again. */
    private static List<String> strange(Collection<Answer> answers) {
        return OutageAnswers.kinds(answers.stream()
                .filter(answer -> !answer.ok())
                .filter(answer -> answer.status() != 503 && answer.status() != 429 || answer.retryAfter() == null)
                .toList());
    }
}
