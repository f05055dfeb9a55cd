package dev.bandit.bench;

import dev.bandit.bench.Rounds.Subject;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Load;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * {@code /reward}, with Redis forcing every change to disk before it answers, beside {@code redis-benchmark} that calls the same script with one
 * new reward a call on the same Redis; and {@code /reward/batch} beside a call a reward.
 */
final class RewardBench {

    private static final int CONNECTIONS = 32;
    private static final int BATCH_CONNECTIONS = 4;
    private static final int BATCH = 100;
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int REWARDS = Integer.getInteger("bench.rewards", 15_000);
    private static final String DECIDED = "rewarded";
    private static final Pattern DECISION_ID = Pattern.compile("\"decision_id\":\"([^\"]+)\"");

    private final Path folder;
    /** Decisions that have no reward yet. */
    private final ArrayDeque<String> decisions = new ArrayDeque<>();

    RewardBench(Path folder) {
        this.folder = folder;
    }

    void run() throws IOException, InterruptedException {
        try (Stack stack = new Stack(folder, Fsync.ALWAYS)) {
            stack.experiment(DECIDED, 10, "\"decision_ack\":\"async\",");
            stack.experiment("named", 10, "");
            Runnable relayed = () -> {
                stack.awaitRelay(DECIDED);
                stack.awaitRelay("named");
            };
            Rounds rounds = new Rounds();
            Runnable decide = () -> decide(stack, relayed);
            rounds.add(new Subject(
                    "/reward, of a decision", stack.service(), CONNECTIONS, 1, ofDecisions(), decide, relayed));
            rounds.add(new Subject("/reward, named", stack.service(), CONNECTIONS, 1, named(), relayed));
            Rounds batches = new Rounds();
            batches.add(new Subject(
                    "/reward/batch of " + BATCH,
                    stack.service(),
                    BATCH_CONNECTIONS,
                    BATCH,
                    inBatches(),
                    decide,
                    relayed));
            rounds.warmUp(45_000, 20);
            batches.warmUp(600, 10);

            OneRewardScripts scripts = new OneRewardScripts(stack, CONNECTIONS, 1);
            List<Double> bare = new ArrayList<>();
            List<Double> bareCpu = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                rounds.measure(1, REWARDS, 60);
                batches.measure(1, REWARDS / BATCH, 60);
                double before = Processes.cpuSeconds(stack.redis().pid());
                bare.add(scripts.run(REWARDS));
                bareCpu.add((Processes.cpuSeconds(stack.redis().pid()) - before) * 1e6 / REWARDS);
            }

            System.out.printf(
                    "%n%-28s %12s %12s %18s %10s%n",
                    "appendfsync always", "us a reward", "a second", "of redis-benchmark", "p50 ms");
            for (var subject : List.of("/reward, of a decision", "/reward, named")) {
                print(subject, rounds.of(subject), bare);
            }
            print("/reward/batch of " + BATCH, batches.of("/reward/batch of " + BATCH), bare);
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %12.1f %12.0f   %s%n",
                    "redis-benchmark (us: Redis)",
                    Rounds.median(bareCpu),
                    Rounds.median(bare),
                    Rounds.list(bare, "%.0f"));
            var one = rounds.of("/reward, of a decision");
            var hundred = batches.of("/reward/batch of " + BATCH);
            System.out.printf(
                    Locale.ROOT,
                    "batch of %d over one a call: %.1f times as many a second, %.1f times less server time a reward%n",
                    BATCH,
                    Rounds.ratio(hundred.perSecond, one.perSecond),
                    Rounds.ratio(one.micros, hundred.micros));
        }
    }

    private static void print(String name, Rounds.Figures figures, List<Double> bare) {
        System.out.printf(
                Locale.ROOT,
                "%-28s %12.1f %12.0f %18.2f %10.1f   %s%n",
                name,
                figures.medianMicros(),
                Rounds.median(figures.perSecond),
                Rounds.ratio(figures.perSecond, bare),
                Rounds.median(figures.medianMillis),
                Rounds.list(figures.perSecond, "%.0f"));
    }

    /** Enough decisions for a round of rewards, all of them on record. */
    private void decide(Stack stack, Runnable relayed) {
        String batch = "{\"requests\":["
                + String.join(",", Collections.nCopies(1_000, "{\"experiment_id\":\"" + DECIDED + "\"}")) + "]}";
        while (size() < REWARDS) {
            Matcher matcher = DECISION_ID.matcher(stack.service().send("POST", "/select/batch", batch));
            synchronized (decisions) {
                while (matcher.find()) {
                    decisions.add(matcher.group(1));
                }
            }
        }
        relayed.run();
    }

    private int size() {
        synchronized (decisions) {
            return decisions.size();
        }
    }

    /** @return fewer when there are no more */
    private List<String> take(int count) {
        List<String> taken = new ArrayList<>(count);
        synchronized (decisions) {
            while (taken.size() < count && !decisions.isEmpty()) {
                taken.add(decisions.remove());
            }
        }
        return taken;
    }

    private static String reward(String decision, long n) {
        return "{\"decision_id\":\"" + decision + "\",\"reward\":" + (n % 10 == 0 ? 1 : 0) + "}";
    }

    private Load.Client ofDecisions() {
        return (connection, n) -> {
            List<String> taken = take(1);
            return taken.isEmpty() ? null : Load.post("/reward", reward(taken.getFirst(), n));
        };
    }

    private Load.Client inBatches() {
        return (connection, n) -> {
            List<String> taken = take(BATCH);
            return taken.size() < BATCH
                    ? null
                    : Load.post(
                            "/reward/batch",
                            taken.stream()
                                    .map(decision -> reward(decision, n))
                                    .collect(Collectors.joining(",", "{\"rewards\":[", "]}")));
        };
    }

    private static Load.Client named() {
        AtomicLong names = new AtomicLong();
        return (connection, n) -> Load.post(
                "/reward",
                "{\"experiment_id\":\"named\",\"arm_id\":\"arm-" + n % 10 + "\",\"reward_id\":\""
                        + names.incrementAndGet() + "\",\"reward\":" + (n % 10 == 0 ? 1 : 0) + "}");
    }
}
