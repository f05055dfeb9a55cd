package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.pipeline.retail.Silver;
import dev.bandit.pipeline.store.Checksum;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.testing.Child;
import dev.bandit.pipeline.testing.Dataset;
import dev.bandit.pipeline.testing.RetailWorkbook;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process that can be killed. */
class RetailProcessIT {

    private static final int KILLS = 6;
    private static final long SEED = 5;

    @TempDir
    private Path folder;

    @Test
    void a_killed_ingest_leaves_nothing_half_written_and_the_next_one_completes_it()
            throws IOException, InterruptedException {
        Path workbook = RetailWorkbook.of(10_000, SEED).write(folder.resolve("online_retail_II.xlsx"));
        Path whole = folder.resolve("whole");
        long start = System.nanoTime();
        assertThat(ingest(workbook, whole).waitFor()).isZero();
        long nanos = System.nanoTime() - start;
        TreeMap<String, Checksum> expected = Dataset.contents(whole.resolve("bandit"));
        Random random = new Random(SEED);
        int killed = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Path place = folder.resolve("store-" + kill);
            Process process = ingest(workbook, place);
            process.waitFor((long) (nanos * (kill + random.nextDouble()) / KILLS), TimeUnit.NANOSECONDS);
            process.destroyForcibly();
            killed += process.waitFor() == 0 ? 0 : 1;
            assertWholeOrNothing(place);
            Run again = Run.of("ingest", "--dataset", "online-retail", "--from", workbook, "--store", place);
            assertThat(again.status()).as(again.err()).isZero();
            assertThat(Dataset.contents(place.resolve("bandit")))
                    .as("seed %d, kill %d", SEED, kill)
                    .isEqualTo(expected);
        }
        assertThat(killed).isPositive();
    }

    private Process ingest(Path workbook, Path place) throws IOException {
        return Child.start(
                folder.resolve("output"),
                Map.of(),
                "ingest",
                "--dataset",
                "online-retail",
                "--from",
                workbook,
                "--store",
                place);
    }

    /** Looks as a reader does. */
    private static void assertWholeOrNothing(Path place) throws IOException {
        if (Files.exists(place.resolve("bandit/silver/online-retail/manifest.json"))) {
            try (Store store = Store.open(place.toString())) {
                Silver silver = Silver.open(store);
                assertThat(Checksum.of(silver.log()).sha256())
                        .isEqualTo(silver.manifest().log().sha256());
            }
        }
    }
}
