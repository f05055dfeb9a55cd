package dev.bandit.bench;

import dev.bandit.bench.Rounds.Subject;
import dev.bandit.service.embedded.RedisServer.Fsync;
import dev.bandit.service.testing.Load;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** {@code /select/batch} of a hundred, its decisions' way to Postgres included. */
final class BatchBench {

    private static final int CONNECTIONS = 4;
    private static final int SIZE = 100;
    private static final int ROUNDS = Integer.getInteger("bench.rounds", 5);
    private static final long REQUESTS = Long.getLong("bench.requests.batch", 1_000);

    private final Path folder;

    BatchBench(Path folder) {
        this.folder = folder;
    }

    void run() throws InterruptedException {
        try (Stack stack = new Stack(folder, Fsync.EVERYSEC)) {
            Rounds rounds = new Rounds();
            for (String ack : List.of("store", "journal")) {
                stack.experiment(ack, 10, "\"decision_ack\":\"" + ack + "\",");
                rounds.add(new Subject(
                        ack, stack.service(), CONNECTIONS, SIZE, batches(ack), () -> stack.awaitRelay(ack)));
            }
            rounds.warmUp(2_000, 20);
            rounds.measure(ROUNDS, REQUESTS, 60);
            System.out.printf("%n%-28s %14s %12s%n", "/select/batch of " + SIZE, "us a decision", "a second");
            for (String ack : List.of("store", "journal")) {
                var figures = rounds.of(ack);
                System.out.printf(
                        Locale.ROOT,
                        "%-28s %14.2f %12.0f   %s%n",
                        ack,
                        figures.medianMicros(),
                        Rounds.median(figures.perSecond),
                        Rounds.list(figures.micros, "%.2f"));
            }
        }
    }

    private static Load.Client batches(String experiment) {
        return Load.posts(
                "/select/batch",
                IntStream.range(0, 16)
                        .mapToObj(batch -> IntStream.range(0, SIZE)
                                .mapToObj(unit -> "{\"experiment_id\":\"" + experiment + "\",\"unit_id\":\"user-"
                                        + (1_000_000 + SIZE * batch + unit) + "\"}")
                                .collect(Collectors.joining(",", "{\"requests\":[", "]}")))
                        .toList());
    }
}
