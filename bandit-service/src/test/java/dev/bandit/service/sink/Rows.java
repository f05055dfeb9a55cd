package dev.bandit.service.sink;

import dev.bandit.service.snapshot.SnapshotRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Made-up snapshots, with numbers of every length and size. */
final class Rows {

    static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private Rows() {}

    /** The same for the same arguments; some rates are null. */
    static Tick tick(Instant time, int tests, int arms) {
        Random random = new Random(time.toEpochMilli());
        List<SnapshotRow> rows = new ArrayList<>();
        for (int test = 0; test < tests; test++) {
            for (int arm = 0; arm < arms; arm++) {
                rows.add(row("test-" + test, "arm-" + (char) ('a' + arm), time, random));
            }
        }
        return new Tick(time, rows);
    }

    static SnapshotRow row(String test, String variant, Instant time, Random random) {
        long exposures = random.nextInt(4) == 0 ? 0 : random.nextLong(1L << 50);
        double successes = random.nextInt(1_000_000_000) / 1e6;
        return new SnapshotRow(
                test,
                variant,
                time,
                1 + successes,
                random.nextDouble() * 1e9,
                exposures / 3,
                random.nextInt(1_000) / 1e6,
                exposures,
                successes,
                exposures == 0 ? null : random.nextDouble(),
                random.nextDouble(),
                random.nextDouble() / 1e5,
                random.nextDouble(),
                random.nextBoolean() ? 0 : random.nextDouble(),
                random.nextDouble() / 1e40);
    }
}
