package dev.bandit.bench;

import dev.bandit.service.embedded.KafkaServer;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Servers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Rewards from Kafka into the posteriors, beside {@code redis-benchmark} that calls the same script once a reward. The rewards wait in the
 * topic, in a transaction; the clock starts when it is committed, and stops when Redis has counted the last one and again when the last one
 * is in Postgres.
 */
final class IngestBench {

    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final int REWARDS = Integer.getInteger("bench.rewards", 500_000);
    private static final int CONNECTIONS = 32;
    private static final int PIPELINED = 16;

    private final Path folder;

    IngestBench(Path folder) {
        this.folder = folder;
    }

    /** A second each, in order: rewards counted; rewards in the ledger; then processor time a reward, in microseconds. */
    private static final class Figures {
        final List<Double> counted = new ArrayList<>();
        final List<Double> kept = new ArrayList<>();
        final Map<String, List<Double>> micros = new LinkedHashMap<>();
    }

    void run() throws IOException, InterruptedException {
        String secret = "a secret of the benchmark";
        try (KafkaServer kafka = Servers.newKafka().start();
                Stack stack = new Stack(
                        folder,
                        Fsync.EVERYSEC,
                        "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                        "--spring.kafka.consumer.isolation-level=read-committed",
                        "--bandit.decision.secret=" + secret)) {
            Map<Rewards, Figures> subjects = new LinkedHashMap<>();
            subjects.put(new Rewards.OfDecisions(secret), new Figures());
            subjects.put(new Rewards.Named(), new Figures());
            subjects.keySet().forEach(rewards -> stack.experiment(rewards.experiment(), 10, ""));
            stack.awaitOutput("made the topic web-events-dlt");
            OneRewardScripts scripts = new OneRewardScripts(stack, CONNECTIONS, PIPELINED);
            List<Double> bare = new ArrayList<>();
            try (Topic topic = new Topic(kafka.bootstrapServers(), true)) {
                // The first round is practice.
                for (int round = 0; round <= ROUNDS; round++) {
                    for (var subject : subjects.entrySet()) {
                        measure(stack, kafka, topic, subject.getKey(), round, subject.getValue());
                    }
                    bare.add(scripts.run(REWARDS / 2));
                }
            }
            bare.removeFirst();
            print(subjects, bare);
        }
    }

    private static void measure(
            Stack stack, KafkaServer kafka, Topic topic, Rewards rewards, int round, Figures figures)
            throws InterruptedException {
        topic.hide();
        topic.send(rewards, (long) round * REWARDS, REWARDS);
        stack.awaitRelay(rewards.experiment());
        Map<String, Double> before = cpu(stack, kafka);
        long start = System.nanoTime();
        topic.show();
        while (stack.rewards(rewards.experiment()) < (round + 1L) * REWARDS) {
            Thread.sleep(20);
        }
        double counted = (System.nanoTime() - start) / 1e9;
        stack.awaitRelay(rewards.experiment());
        double kept = (System.nanoTime() - start) / 1e9;
        if (round > 0) {
            figures.counted.add(REWARDS / counted);
            figures.kept.add(REWARDS / kept);
            cpu(stack, kafka)
                    .forEach((process, seconds) -> figures.micros
                            .computeIfAbsent(process, name -> new ArrayList<>())
                            .add((seconds - before.get(process)) * 1e6 / REWARDS));
        }
    }

    private static Map<String, Double> cpu(Stack stack, KafkaServer kafka) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        seconds.put("service", stack.service().cpuSeconds());
        seconds.put("redis", Processes.cpuSeconds(stack.redis().pid()));
        seconds.put("broker", Processes.cpuSeconds(kafka.pid()));
        seconds.put("postgres", Processes.cpuSecondsOfFamily(stack.postgres().pid()));
        return seconds;
    }

    private static void print(Map<Rewards, Figures> subjects, List<Double> bare) {
        System.out.printf(
                "%n%-28s %12s %12s %18s   %s%n",
                REWARDS + " rewards from Kafka", "counted/s", "in ledger/s", "of one a script", "us a reward");
        subjects.forEach((rewards, figures) -> {
            StringBuilder micros = new StringBuilder();
            figures.micros.forEach((process, values) ->
                    micros.append(String.format(Locale.ROOT, "%s %.1f  ", process, Rounds.median(values))));
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %12.0f %12.0f %18.2f   %s  %s%n",
                    rewards.experiment(),
                    Rounds.median(figures.counted),
                    Rounds.median(figures.kept),
                    Rounds.ratio(figures.counted, bare),
                    micros,
                    Rounds.list(figures.counted, "%.0f"));
        });
        System.out.printf(
                Locale.ROOT,
                "%-28s %12.0f   %s%n",
                "one reward a script",
                Rounds.median(bare),
                Rounds.list(bare, "%.0f"));
    }
}
