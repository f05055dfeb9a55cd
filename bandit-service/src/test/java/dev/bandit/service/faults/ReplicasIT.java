package dev.bandit.service.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.faults.OutageClient.Answer;
import dev.bandit.service.testing.Servers;
import dev.bandit.service.testing.Servers.Database;
import dev.bandit.service.testing.ServiceProcess;
import dev.bandit.service.testing.ServiceProcessExtension;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two services on one Redis and one Postgres. */
class ReplicasIT {

    private static final String TWO_ARMS = "{\"variants\":[{\"name\":\"control\"},{\"name\":\"treatment\"}]}";
    private static final String THREE_ARMS =
            "{\"variants\":[{\"name\":\"control\"},{\"name\":\"treatment\"},{\"name\":\"late\"}]}";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** Two seconds are promised; the rest is for a machine that is busy with other things. */
    private static final Duration SOON = Duration.ofSeconds(3);

    private static final long SEED = 20_260_703;

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    private final String redisUrl = Servers.freshRedis();
    private final Database database = Servers.freshDatabase();

    private ServiceProcess service() {
        return services.service(
                redisUrl,
                database,
                "--bandit.decision.secret=" + OutageLedger.SECRET,
                "--bandit.snapshot.interval=1s",
                "--bandit.snapshot.check=100ms");
    }

    @Test
    void replicas_count_a_reward_once_between_them_and_learn_of_changes_from_each_other() throws Exception {
        ServiceProcess first = service().launch();
        ServiceProcess second = service().launch();
        try (OutageClient a = new OutageClient(first.awaitReady().url());
                OutageClient b = new OutageClient(second.awaitReady().url())) {
            OutageLoad.warmUp(a);
            OutageLoad.warmUp(b);

            assertThat(a.put("/experiments/shared", TWO_ARMS).status()).isEqualTo(201);
            Answer atOnce = b.select("shared");
            assertThat(atOnce.status()).as(atOnce.toString()).isEqualTo(200);

            rewardedByBothAtOnce(a, b);
            changesArrive(a, b);

            Answer audit = b.post("/admin/audit", "");
            assertThat(audit.json().path("ok").asBoolean()).as(audit.body()).isTrue();
        }
    }

    /** Decisions of either replica, and rewards with names of their own, each sent twice to both at the same moment. */
    private static void rewardedByBothAtOnce(OutageClient a, OutageClient b) throws Exception {
        int rewards = 300;
        SplittableRandom random = new SplittableRandom(SEED);
        double sum = 0;
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < rewards; i++) {
            double value = random.nextInt(5) / 4.0;
            sum += value;
            Answer decision = (random.nextBoolean() ? a : b).select("shared");
            assertThat(decision.ok()).as(decision.toString()).isTrue();
            bodies.add(OutageClient.json(
                    i % 3 == 0
                            ? Map.of(
                                    "experiment_id",
                                    "shared",
                                    "arm_id",
                                    "control",
                                    "reward",
                                    value,
                                    "reward_id",
                                    "named-" + i)
                            : Map.of(
                                    "decision_id",
                                    decision.json().path("decision_id").asString(),
                                    "reward",
                                    value)));
        }
        List<OutageClient> senders = List.of(a, b, a, b);
        CyclicBarrier together = new CyclicBarrier(senders.size());
        List<List<Answer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<List<Answer>>> tasks = senders.stream()
                    .<Callable<List<Answer>>>map(sender -> () -> {
                        List<Answer> mine = new ArrayList<>();
                        for (String body : bodies) {
                            together.await();
                            mine.add(sender.post("/reward", body));
                        }
                        return mine;
                    })
                    .toList();
            for (Future<List<Answer>> mine : threads.invokeAll(tasks)) {
                answers.add(mine.get());
            }
        }
        for (int i = 0; i < rewards; i++) {
            int reward = i;
            assertThat(answers.stream().map(mine -> mine.get(reward)).map(ReplicasIT::outcome))
                    .as("reward %d: %s", i, bodies.get(i))
                    .containsExactlyInAnyOrder("applied", "duplicate", "duplicate", "duplicate");
        }
        Answer posterior = a.get("/experiments/shared/posterior");
        double learned = 0;
        double counted = 0;
        for (var arm : posterior.json().path("arms")) {
            learned += arm.path("alpha").asDouble() - 1;
            counted += arm.path("rewards").asDouble();
        }
        assertThat(counted).as(posterior.body()).isEqualTo(rewards);
        assertThat(learned).as(posterior.body()).isEqualTo(sum);
    }

    private static String outcome(Answer reward) {
        return reward.ok() ? reward.json().path("status").asString() : reward.toString();
    }

    private static void changesArrive(OutageClient a, OutageClient b) {
        assertThat(a.put("/experiments/shared", THREE_ARMS).status()).isEqualTo(200);
        String late = OutageClient.json(Map.of("experiment_id", "shared", "eligible_arms", List.of("late")));
        await("an arm is added")
                .atMost(SOON)
                .until(() -> b.post("/select", late).ok());

        assertThat(a.post("/experiments/shared/pause", "").status()).isEqualTo(200);
        await("it pauses").atMost(SOON).until(() -> b.select("shared").status() == 409);

        assertThat(b.post("/experiments/shared/resume", "").status()).isEqualTo(200);
        await("it resumes").atMost(SOON).until(() -> a.select("shared").ok());

        assertThat(a.post("/experiments/shared/conclude", "{\"winner\":\"late\"}")
                        .status())
                .isEqualTo(200);
        await("it is concluded").atMost(SOON).until(() -> {
            Answer select = b.select("shared");
            return select.ok()
                    && select.json().path("arm_id").asString().equals("late")
                    && select.json().path("policy").asString().equals("concluded")
                    && select.json().path("propensity").asDouble() == 1;
        });
    }

    @Test
    void when_one_is_killed_the_other_goes_on_and_brings_to_the_ledger_what_the_dead_one_acknowledged()
            throws Exception {
        ServiceProcess survivor = service().launch();
        ServiceProcess victim = service().launch();
        OutageLedger ledger = new OutageLedger(database);
        try (OutageClient a = new OutageClient(survivor.awaitReady().url());
                OutageClient b = new OutageClient(victim.awaitReady().url())) {
            OutageLoad.warmUp(a);
            OutageLoad.warmUp(b);
            String waiting = TWO_ARMS.replaceFirst("\\{", "{\"decision_ack\":\"store\",");
            assertThat(a.put("/experiments/shared", waiting).status()).isEqualTo(201);
            await().atMost(PATIENCE)
                    .until(() -> a.select("shared").ok() && b.select("shared").ok());
            OutageLoad survives = OutageLoad.start(a, "shared", 60, 1);
            OutageLoad dies = OutageLoad.start(b, "shared", 60, 1);
            try (survives;
                    dies) {
                awaitTicks(ledger, 5);
                victim.kill9();
                dies.stop();
                awaitTicks(ledger, 11);
            }
            assertThat(OutageAnswers.failures(survives.selects()))
                    .as("selects of the survivor")
                    .isEmpty();
            assertThat(OutageAnswers.failures(survives.rewards()))
                    .as("rewards of the survivor")
                    .isEmpty();
            assertThat(dies.rewarded()).as("rewards of the dead").hasSizeGreaterThan(100);

            await("all that was put into Redis is on record").atMost(PATIENCE).untilAsserted(() -> {
                assertThat(a.metric("bandit_outbox_entries")).isZero();
                assertThat(ledger.missing("shared", dies, decided -> !decided.degraded()))
                        .isEmpty();
                assertThat(ledger.missing("shared", survives, decided -> true)).isEmpty();
            });
            auditIsOk(a);
            assertThat(snapshotFaults(ledger, "shared")).isEmpty();

            // What was in the journal of the dead one, if the machine was ever too slow for Redis, comes with its
            // return.
            victim.start();
            await("its journal is drained").atMost(PATIENCE).untilAsserted(() -> {
                assertThat(b.metric("bandit_journal_bytes")).isZero();
                assertThat(b.metric("bandit_outbox_entries")).isZero();
                assertThat(ledger.missing("shared", dies, decided -> true)).isEmpty();
            });
            auditIsOk(b);
        }
    }

    private static void auditIsOk(OutageClient client) {
        Answer audit = client.post("/admin/audit", "");
        assertThat(audit.json().path("ok").asBoolean()).as(audit.body()).isTrue();
    }

    private static void awaitTicks(OutageLedger ledger, int ticks) {
        await("snapshots")
                .atMost(PATIENCE)
                .until(() ->
                        ledger.rows("select distinct \"timestamp\" from posterior_snapshots where test_id = 'shared'")
                                        .size()
                                >= ticks);
    }

    /** A replica is held up in the middle of its tick while the other one takes the next. */
    @Test
    void increments_add_up_when_a_replica_writes_its_snapshot_late() throws Exception {
        ServiceProcess slow = service().launch();
        ServiceProcess quick = service().launch();
        OutageLedger ledger = new OutageLedger(database);
        try (OutageClient a = new OutageClient(slow.awaitReady().url());
                OutageClient b = new OutageClient(quick.awaitReady().url())) {
            assertThat(a.put("/experiments/shared", TWO_ARMS).status()).isEqualTo(201);
            await().atMost(PATIENCE)
                    .until(() -> a.select("shared").ok() && b.select("shared").ok());
            try (OutageLoad load = OutageLoad.start(a, "shared", 50, 1)) {
                awaitTicks(ledger, 2);
                quick.freeze();
                awaitTicks(ledger, 4);
                try (Connection held = DriverManager.getConnection(
                                database.jdbcUrl(), database.username(), database.password());
                        var statement = held.createStatement()) {
                    held.setAutoCommit(false);
                    statement.execute("lock table posterior_snapshots in share row exclusive mode");
                    await("the slow one has begun").atMost(PATIENCE).until(() -> waiting(ledger) == 1);
                    long tick = System.currentTimeMillis() / 1000;
                    await("the next tick").atMost(PATIENCE).until(() -> System.currentTimeMillis() / 1000 > tick + 1);
                    quick.thaw();
                    await("the quick one waits too").atMost(PATIENCE).until(() -> waiting(ledger) == 2);
                    held.commit();
                }
                awaitTicks(ledger, 8);
            }
            assertThat(snapshotFaults(ledger, "shared")).isEmpty();
            auditIsOk(a);
        }
    }

    /** Sessions that wait for a lock and have something to do with snapshots. */
    private static int waiting(OutageLedger ledger) throws Exception {
        return ledger.rows("""
                        select pid from pg_stat_activity
                         where datname = current_database() and wait_event_type = 'Lock' and query like '%snapshot%'
                        """).size();
    }

    /** Ticks without exactly one row an arm, and rows whose increments are not what was added since the row before. */
    private static List<String> snapshotFaults(OutageLedger ledger, String experiment) throws Exception {
        List<String> faults = new ArrayList<>();
        Map<String, List<String[]>> arms = new TreeMap<>();
        Map<String, List<String>> ticks = new TreeMap<>();
        for (String row : ledger.rows(
                "select variant, extract(epoch from \"timestamp\")::bigint, exposures_inc, exposures_total, round(successes_inc)::bigint,"
                        + " round(successes_total)::bigint from posterior_snapshots where test_id = '" + experiment
                        + "' order by \"timestamp\"")) {
            String[] columns = row.split(" ");
            arms.computeIfAbsent(columns[0], arm -> new ArrayList<>()).add(columns);
            ticks.computeIfAbsent(columns[1], tick -> new ArrayList<>()).add(columns[0]);
        }
        ticks.forEach((tick, of) -> {
            if (!of.stream().sorted().toList().equals(List.of("control", "treatment"))) {
                faults.add("tick " + tick + " has " + of);
            }
        });
        arms.forEach((arm, rows) -> IntStream.range(0, rows.size())
                .filter(i ->
                        !follows(i == 0 ? new String[] {arm, "", "0", "0", "0", "0"} : rows.get(i - 1), rows.get(i)))
                .mapToObj(i -> arm + ": " + String.join(" ", rows.get(i)) + " after "
                        + (i == 0 ? "nothing" : String.join(" ", rows.get(i - 1))))
                .collect(Collectors.toCollection(() -> faults)));
        return faults;
    }

    private static boolean follows(String[] before, String[] row) {
        long exposures = Long.parseLong(row[3]) - Long.parseLong(before[3]);
        long successes = Long.parseLong(row[5]) - Long.parseLong(before[5]);
        return exposures >= 0
                && successes >= 0
                && exposures == Long.parseLong(row[2])
                && successes == Long.parseLong(row[4]);
    }
}
