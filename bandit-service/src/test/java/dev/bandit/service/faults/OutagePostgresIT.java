package dev.bandit.service.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.embedded.PostgresServer;
import dev.bandit.service.faults.OutageClient.Answer;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Postgres away, under load: nothing is refused that need not be, and nothing is lost. */
class OutagePostgresIT {

    private static final String TWO_ARMS = "\"variants\":[{\"name\":\"control\"},{\"name\":\"treatment\"}]";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** So long must nothing be refused before the outage begins. */
    private static final Duration WELL = Duration.ofSeconds(2);
    /** No reward is kept waiting for Postgres for longer. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final PostgresServer postgres = Servers.newPostgres();

    @BeforeEach
    void startPostgres() {
        postgres.start();
    }

    @AfterEach
    void stopPostgres() {
        if (postgres.isRunning()) {
            signal("CONT");
        }
        postgres.close();
    }

    @Test
    void a_minute_without_postgres_loses_nothing_and_refuses_only_what_must_be_in_it() throws Exception {
        outage(postgres::stop, Duration.ofSeconds(60), postgres::start);
    }

    @Test
    void a_frozen_postgres_loses_nothing_and_refuses_only_what_must_be_in_it() throws Exception {
        outage(() -> signal("STOP"), Duration.ofSeconds(8), () -> signal("CONT"));
    }

    /** To the postmaster first, which then starts no others, and to the process of each connection. */
    private void signal(String name) {
        ProcessHandle postmaster = ProcessHandle.of(postgres.pid()).orElseThrow();
        Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .filter(ProcessHandle::isAlive)
                .forEach(process -> ServiceProcess.signal(process.pid(), name));
    }

    private void outage(Runnable begin, Duration length, Runnable end) throws Exception {
        ServiceProcess service = services.service(
                        Servers.freshRedis(),
                        Servers.database(postgres),
                        "--bandit.decision.secret=" + OutageLedger.SECRET)
                .start();
        OutageLedger ledger = new OutageLedger(Servers.database(postgres));
        SoftAssertions softly = new SoftAssertions();
        try (OutageClient client = new OutageClient(service.url())) {
            assertThat(client.put("/experiments/steady", "{" + TWO_ARMS + "}").status())
                    .isEqualTo(201);
            assertThat(client.put("/experiments/strict", "{\"reward_ack\":\"ledger\"," + TWO_ARMS + "}")
                            .status())
                    .isEqualTo(201);
            OutageLoad.warmUp(client);
            OutageLoad steady = OutageLoad.start(client, "steady", 100, 1);
            OutageLoad strict = OutageLoad.start(client, "strict", 30, 1);
            try (OutageProbe probe = OutageProbe.start(client);
                    steady;
                    strict) {
                await("all is well").atMost(PATIENCE).until(() -> {
                    List<Answer> last = OutageAnswers.since(System.nanoTime() - WELL.toNanos(), strict.rewards());
                    return steady.rewarded().size() > 200
                            && last.size() > 30
                            && last.stream().allMatch(Answer::ok);
                });
                double usual = OutageAnswers.quantile(steady.selects(), 1);

                begin.run();
                long gone = System.nanoTime();
                await("the lag shows")
                        .atMost(length)
                        .until(() -> probe.highest("bandit_outbox_entries") > 0
                                && probe.highest("bandit_outbox_lag_seconds") > 1);
                await().atMost(length.multipliedBy(2)).until(() -> System.nanoTime() - gone > length.toNanos());
                long back = System.nanoTime();
                end.run();

                await("strict rewards count again")
                        .atMost(PATIENCE)
                        .until(() -> OutageAnswers.since(back, strict.rewards()).stream()
                                .anyMatch(Answer::ok));
                softly.assertThat(OutageAnswers.failures(steady.selects()))
                        .as("selects")
                        .isEmpty();
                softly.assertThat(OutageAnswers.failures(steady.rewards()))
                        .as("rewards")
                        .isEmpty();
                softly.assertThat(OutageAnswers.failures(strict.selects()))
                        .as("strict selects")
                        .isEmpty();
                softly.assertThat(OutageAnswers.failures(probe.liveness()))
                        .as("liveness")
                        .isEmpty();
                softly.assertThat(OutageAnswers.quantile(steady.selects(), 1))
                        .as("slowest select")
                        .isLessThan(2 + 10 * usual);
                List<Answer> meanwhile = OutageAnswers.before(
                        back - LONGEST_WAIT.toNanos(), OutageAnswers.since(gone, strict.rewards()));
                softly.assertThat(meanwhile).as("strict rewards meanwhile").hasSizeGreaterThan(50);
                softly.assertThat(OutageAnswers.kinds(meanwhile.stream()
                                .filter(answer -> answer.status() != 503 || answer.retryAfter() == null)
                                .toList()))
                        .as("strict rewards meanwhile that did not get 503 with Retry-After")
                        .isEmpty();
                softly.assertThat(OutageAnswers.quantile(meanwhile, 1))
                        .as("slowest of them")
                        .isLessThan(LONGEST_WAIT.toSeconds() + 10 * usual);
            }
            await("strict rewards are sent again").atMost(PATIENCE).until(strict::retryRewards);
            await("no lag is left")
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(List.of(
                                    client.metric("bandit_outbox_entries"), client.metric("bandit_outbox_lag_seconds")))
                            .containsExactly(0.0, 0.0));
            softly.assertThat(ledger.differences("steady", steady))
                    .as("the ledger of steady")
                    .isEmpty();
            softly.assertThat(ledger.differences("strict", strict))
                    .as("the ledger of strict")
                    .isEmpty();
            Answer audit = client.post("/admin/audit", "");
            softly.assertThat(audit.json().path("ok").asBoolean())
                    .as(audit.body())
                    .isTrue();
        }
        softly.assertAll();
    }
}
