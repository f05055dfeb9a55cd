package dev.bandit.service.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bandit.service.testing.ServiceProcessExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The impressions and clicks of the Open Bandit Dataset (Saito et al. 2021, random policy, men's campaign) as rewards, while the service is
 * killed again and again. The file is not part of this repository; where it is missing, seeded rows of the same shape take its place.
 */
class OpenBanditDatasetIT {

    private static final int CLIENTS = 8;
    private static final long SEED = 20211;

    @RegisterExtension
    final ServiceProcessExtension services = new ServiceProcessExtension();

    /** One impression. */
    private record Row(int number, String item, int click) {}

    @Test
    @Timeout(300)
    void every_logged_click_counts_once_although_the_service_is_killed_three_times() throws Exception {
        var rows = rows();
        var arms = rows.stream().map(Row::item).distinct().sorted().toList();
        try (var scene = new Scene(services)) {
            var trial = new Trial(scene, "men", arms, Map.of());
            try (var traffic = trial.traffic("")) {
                var done = new AtomicInteger();
                var rest = replay(rows, traffic, done);
                for (int kill = 1; kill <= 3; kill++) {
                    var enough = kill * rows.size() / 4;
                    await().atMost(Duration.ofSeconds(120))
                            .pollInterval(Duration.ofMillis(5))
                            .until(() -> done.get() >= enough || !traffic.violations.isEmpty());
                    scene.service.restart();
                }
                rest.call();

                trial.agreesWith(traffic);
                assertThat(trial.parameters()).isEqualTo(clicksAndOthers(rows, arms));
            }
        }
    }

    /** Sends every row, half of them as named rewards, half as decisions that are then rewarded; a tenth of the calls twice. */
    private static Callable<Void> replay(List<Row> rows, Traffic traffic, AtomicInteger done) {
        var next = new AtomicInteger();
        var threads = Executors.newFixedThreadPool(CLIENTS);
        for (int i = 0; i < CLIENTS; i++) {
            threads.submit(() -> {
                try {
                    for (int n = next.getAndIncrement(); n < rows.size(); n = next.getAndIncrement()) {
                        send(rows.get(n), traffic);
                        done.incrementAndGet();
                    }
                } catch (RuntimeException | Error e) {
                    traffic.violations.add("a client gave up: " + e);
                    throw e;
                }
            });
        }
        threads.shutdown();
        return () -> {
            assertThat(threads.awaitTermination(120, TimeUnit.SECONDS))
                    .as("all rows are sent")
                    .isTrue();
            return null;
        };
    }

    private static void send(Row row, Traffic traffic) {
        var random = new SplittableRandom(SEED + row.number);
        var name = "row-" + row.number;
        if (row.number % 2 == 0) {
            traffic.rewardArm(name, row.item, row.click, random);
            return;
        }
        if (random.nextDouble() < 0.1) {
            traffic.select(name + "-twice", List.of(row.item));
        }
        traffic.reward(traffic.select(name, List.of(row.item)), row.click, random);
    }

    /** Alpha counts clicks, beta the other impressions: straight from the file. */
    private static Map<String, String> clicksAndOthers(List<Row> rows, List<String> arms) {
        var clicks = new HashMap<String, Integer>();
        var others = new HashMap<String, Integer>();
        for (var row : rows) {
            clicks.merge(row.item, row.click, Integer::sum);
            others.merge(row.item, 1 - row.click, Integer::sum);
        }
        var texts = new HashMap<String, String>();
        for (var arm : arms) {
            texts.put(arm + ":alpha", Integer.toString(1 + clicks.getOrDefault(arm, 0)));
            texts.put(arm + ":beta", Integer.toString(1 + others.getOrDefault(arm, 0)));
        }
        return texts;
    }

    private static List<Row> rows() throws IOException {
        var file = repository().resolve("../shared/data/obd/random/men/men.csv.gz");
        return Files.exists(file) ? logged(file) : generated();
    }

    private static Path repository() {
        var folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.isDirectory(folder.resolve("bandit-core"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("The tests run outside the repository");
        }
        return folder;
    }

    private static List<Row> logged(Path file) throws IOException {
        try (var reader =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), UTF_8))) {
            var names = List.of(reader.readLine().split(",", -1));
            int item = names.indexOf("item_id");
            int click = names.indexOf("click");
            var rows = new ArrayList<Row>();
            for (var line = reader.readLine(); line != null; line = reader.readLine()) {
                var fields = line.split(",", -1);
                rows.add(new Row(rows.size(), fields[item], Integer.parseInt(fields[click])));
            }
            return rows;
        }
    }

    /** As many rows, items and about as many clicks as the file has. */
    private static List<Row> generated() {
        var random = new SplittableRandom(SEED);
        return IntStream.range(0, 10_000)
                .mapToObj(n -> new Row(n, Integer.toString(random.nextInt(34)), random.nextDouble() < 0.0046 ? 1 : 0))
                .toList();
    }
}
