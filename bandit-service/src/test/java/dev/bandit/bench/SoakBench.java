package dev.bandit.bench;

import dev.bandit.service.embedded.KafkaServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Servers;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What memory does over many rewards from Kafka, half of them of decisions, half named: a line every so many rewards. At most a million wait in
 * the topic, so that the service is always busy. The totals have to be exact.
 */
final class SoakBench {

    private static final long REWARDS = Long.getLong("bench.rewards", 20_000_000);
    private static final long LINES = 20;
    private static final long WAITING = 1_000_000;
    private static final int PART = 50_000;

    private final Path folder;

    SoakBench(Path folder) {
        this.folder = folder;
    }

    void run() throws InterruptedException {
        String secret = "a secret of the benchmark";
        try (KafkaServer kafka = Servers.newKafka().start();
                Stack stack = new Stack(
                        folder,
                        Fsync.EVERYSEC,
                        "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                        "--bandit.decision.secret=" + secret)) {
            List<Rewards> kinds = List.of(new Rewards.OfDecisions(secret), new Rewards.Named());
            kinds.forEach(rewards -> stack.experiment(rewards.experiment(), 10, ""));
            stack.awaitOutput("made the topic web-events-dlt");
            AtomicReference<RuntimeException> failed = new AtomicReference<>();
            Thread sender = Thread.ofPlatform().daemon().start(() -> {
                try (Topic topic = new Topic(kafka.bootstrapServers(), false)) {
                    for (long n = 0; n < REWARDS / 2; n += PART) {
                        while (2 * n - counted(stack, kinds) > WAITING) {
                            sleep();
                        }
                        for (Rewards rewards : kinds) {
                            topic.send(rewards, n, PART);
                        }
                    }
                } catch (RuntimeException e) {
                    failed.set(e);
                }
            });
            System.out.printf(
                    "%12s %8s %10s %12s %14s %12s %10s%n",
                    "rewards", "s", "a second", "service MB", "heap after GC", "Redis MB", "outbox");
            long start = System.nanoTime();
            long lineStart = start;
            long before = 0;
            for (long line = 1; line <= LINES; line++) {
                long counted;
                while ((counted = counted(stack, kinds)) < line * REWARDS / LINES) {
                    sleep();
                    if (failed.get() != null
                            || !ProcessHandle.of(stack.service().pid())
                                    .orElseThrow()
                                    .isAlive()) {
                        throw new IllegalStateException(stack.service().output(), failed.get());
                    }
                }
                long now = System.nanoTime();
                print(stack, kinds, counted, (now - start) / 1e9, (counted - before) * 1e9 / (now - lineStart));
                lineStart = now;
                before = counted;
            }
            sender.join();
            kinds.forEach(rewards -> stack.awaitRelay(rewards.experiment()));
            System.out.printf(Locale.ROOT, "all in the ledger after %.0f s%n", (System.nanoTime() - start) / 1e9);
            if (counted(stack, kinds) != REWARDS) {
                throw new IllegalStateException(counted(stack, kinds) + " counted, expected " + REWARDS);
            }
            System.out.println(stack.service().send("POST", "/admin/audit", ""));
        }
    }

    private static long counted(Stack stack, List<Rewards> kinds) {
        return kinds.stream()
                .mapToLong(rewards -> stack.rewards(rewards.experiment()))
                .sum();
    }

    private static void print(Stack stack, List<Rewards> kinds, long counted, double seconds, double rate) {
        String metrics = stack.service().send("GET", "/actuator/prometheus", "");
        double heap = Arrays.stream(metrics.split("\n"))
                .filter(line -> line.startsWith("jvm_memory_usage_after_gc"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .findFirst()
                .orElse(Double.NaN);
        String used = stack.commands()
                .info("memory")
                .lines()
                .filter(line -> line.startsWith("used_memory:"))
                .findFirst()
                .orElseThrow();
        long outbox = kinds.stream()
                .mapToLong(rewards -> stack.commands().xlen("experiment:{" + rewards.experiment() + "}:outbox"))
                .sum();
        System.out.printf(
                Locale.ROOT,
                "%12d %8.0f %10.0f %12.0f %13.1f%% %12.0f %10d%n",
                counted,
                seconds,
                rate,
                Processes.residentBytes(stack.service().pid()) / 1e6,
                heap * 100,
                Long.parseLong(used.substring(used.indexOf(':') + 1).strip()) / 1e6,
                outbox);
    }

    private static void sleep() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
