package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.pipeline.obd.Part;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.store.Checksum;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.testing.Child;
import dev.bandit.pipeline.testing.Dataset;
import dev.bandit.pipeline.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** Ingest as a process of its own, which is killed or kept from writing. */
class IngestProcessIT {

    private static final long SEED = Long.getLong("bandit.kill.seed", 20261122);
    private static final int KILLS = 10;
    private static final int ROWS = 100_000;
    private static final int FEW_KILLS = 5;
    private static final int FEW_ROWS = 20_000;
    private static final List<Part> PARTS = List.of(Dataset.RANDOM, Dataset.BTS);

    @TempDir
    private Path folder;

    @Test
    void a_killed_ingest_leaves_nothing_half_written_and_the_next_one_completes_it()
            throws IOException, InterruptedException, SQLException {
        kill(folder.toString(), KILLS, ROWS, Map.of());
    }

    /** Nobody can lock others out of S3, nor rename there. */
    @Test
    void nor_does_one_that_writes_to_s3() throws IOException, InterruptedException, SQLException {
        try (S3Server server = S3Server.start(folder);
                S3Client client = server.client()) {
            client.createBucket(bucket -> bucket.bucket("logs"));
            server.logIn();
            System.setProperty("bandit.cache", folder.resolve("cache").toString());
            Map<String, String> environment = new HashMap<>(server.environment());
            environment.put("BANDIT_CACHE", folder.resolve("cache").toString());
            kill("s3://logs", FEW_KILLS, FEW_ROWS, environment);
        } finally {
            System.clearProperty("bandit.cache");
        }
    }

    private void kill(String root, int kills, int rows, Map<String, String> environment)
            throws IOException, InterruptedException, SQLException {
        Path data = Dataset.made(folder.resolve("data"), rows, false);
        String whole = root + "/whole";
        // The second, since the first has to warm the caches of the machine.
        long nanos = 0;
        for (String place : List.of(root + "/first", whole)) {
            long start = System.nanoTime();
            assertThat(ingest(data, place, environment).waitFor()).isZero();
            nanos = System.nanoTime() - start;
        }
        List<byte[]> expected = dumps(whole);
        Random random = new Random(SEED);
        int killed = 0;
        List<Integer> visible = new ArrayList<>();
        for (int kill = 0; kill < kills; kill++) {
            String place = root + "/store-" + kill;
            // Somewhere in the run, in each part of it once.
            long moment = (long) (nanos * (kill + random.nextDouble()) / kills);
            Process process = ingest(data, place, environment);
            long deadline = System.nanoTime() + moment;
            while (System.nanoTime() < deadline && process.isAlive()) {
                assertWholeOrNothing(place, rows);
                process.waitFor(5, TimeUnit.MILLISECONDS);
            }
            process.destroyForcibly();
            killed += process.waitFor() == 0 ? 0 : 1;
            visible.add(assertWholeOrNothing(place, rows));

            Run again = Run.of("ingest", "--from", data, "--store", place);

            assertThat(again.status()).as(again.err()).isZero();
            List<byte[]> dumps = dumps(place);
            for (int part = 0; part < PARTS.size(); part++) {
                assertThat(dumps.get(part)).as("seed %d, kill %d", SEED, kill).isEqualTo(expected.get(part));
            }
            assertThat(Run.of("ingest", "--from", data, "--store", place).out()).contains("Nothing to do");
        }
        System.out.printf(
                "%s: %d of %d runs were killed before their end; parts visible then: %s%n",
                root, killed, kills, visible);
        assertThat(killed).isPositive();
    }

    /** A limit of the size of files stands for a disk that is full. */
    @Test
    void a_store_that_takes_no_more_fails_with_a_sentence() throws IOException, InterruptedException {
        Path data = Dataset.made(folder.resolve("data"), ROWS, false);
        Path output = folder.resolve("output");
        Path place = folder.resolve("store");
        Process process = Child.start(
                List.of("/bin/sh", "-c", "ulimit -f 2000; exec \"$@\"", "limited"),
                output,
                Map.of(),
                "ingest",
                "--from",
                data,
                "--store",
                place);
        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(Files.readString(output).strip())
                .contains("failed", "File too large")
                .doesNotContain("Exception")
                .hasLineCount(1);
        assertThat(assertWholeOrNothing(place.toString(), ROWS)).isZero();
        assertThat(Run.of("ingest", "--from", data, "--store", place).status()).isZero();
        assertThat(assertWholeOrNothing(place.toString(), ROWS)).isEqualTo(2);
    }

    private Process ingest(Path data, String place, Map<String, String> environment) throws IOException {
        return Child.start(folder.resolve("output"), environment, "ingest", "--from", data, "--store", place);
    }

    /**
     * Looks as a reader does.
     *
     * @return how many parts are there
     */
    private static int assertWholeOrNothing(String place, int rows) throws IOException {
        int visible = 0;
        try (Store store = Store.open(place)) {
            for (Part part : PARTS) {
                if (store.list("bandit/silver/").stream()
                        .noneMatch(entry -> entry.key().contains("=" + part.behavior() + "/")
                                && entry.key().endsWith("/manifest.json"))) {
                    continue;
                }
                Silver silver = Silver.open(store, part.behavior(), part.campaign());
                assertThat(silver.manifest().rows()).isEqualTo(rows);
                assertThat(Checksum.of(silver.logs().getFirst()).sha256())
                        .isEqualTo(silver.manifest().logs().getFirst().sha256());
                assertThat(Checksum.of(silver.items()).sha256())
                        .isEqualTo(silver.manifest().context().sha256());
                visible++;
            }
        }
        return visible;
    }

    private List<byte[]> dumps(String place) throws SQLException, IOException {
        List<byte[]> dumps = new ArrayList<>();
        try (Store store = Store.open(place)) {
            for (Part part : PARTS) {
                dumps.add(Dataset.dump(store, part, folder));
            }
        }
        return dumps;
    }
}
