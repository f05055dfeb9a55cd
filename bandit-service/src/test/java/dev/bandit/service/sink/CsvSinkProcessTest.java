package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The files and the death of the process that writes them. */
@Timeout(300)
class CsvSinkProcessTest {

    private static final long SEED = 20_260_301;
    private static final int DEATHS = 12;

    @Test
    void a_process_killed_amid_a_write_leaves_whole_ticks_and_a_reader_never_sees_another(@TempDir Path folder)
            throws Exception {
        Random random = new Random(SEED);
        Instant next = Instant.parse("2026-03-01T00:00:00Z");
        Instant before = next;
        for (int death = 0; death < DEATHS; death++) {
            Process child = start(folder, next);
            try (BufferedReader lines = child.inputReader()) {
                String said = lines.readLine();
                for (int i = random.nextInt(12); i > 0; i--) {
                    assertWhole(folder);
                    said = lines.readLine();
                }
                // Anywhere in the next write.
                TimeUnit.MICROSECONDS.sleep(random.nextInt(20_000));
                child.toHandle().destroyForcibly();
                for (String line = said; line != null; line = lines.readLine()) {
                    said = line;
                }
                assertThat(child.waitFor()).isEqualTo(128 + 9);

                Instant last = Instant.parse(said);
                TreeMap<Instant, Tick> kept = assertWhole(folder);
                // One may have been under way, now or when the process before died, whose last ones come again.
                Instant furthest = Collections.max(List.of(before, last.plusSeconds(60)));
                assertThat(kept.lastKey()).isBetween(last, furthest);
                before = kept.lastKey();
                // As after a crash before the cursor was moved: the last ones come again.
                next = last.minusSeconds(60);
            }
        }
        TreeMap<Instant, Tick> kept = assertWhole(folder);
        kept.forEach((time, tick) -> assertThat(tick).isEqualTo(Rows.tick(time, 5, CsvSinkChild.ARMS)));
        assertThat(kept.keySet())
                .allMatch(time -> time.equals(kept.firstKey()) || kept.containsKey(time.minusSeconds(60)));
    }

    /** Every file as a reader sees it now. */
    private static TreeMap<Instant, Tick> assertWhole(Path folder) throws IOException {
        TreeMap<Instant, Tick> all = new TreeMap<>();
        try (var files = Files.newDirectoryStream(folder, "posteriors_*.csv")) {
            for (Path file : files) {
                for (Tick tick : CsvFile.ticks(file)) {
                    assertThat(tick.rows()).hasSize(5 * CsvSinkChild.ARMS);
                    assertThat(all.put(tick.time(), tick)).isNull();
                }
            }
        }
        return all;
    }

    private static Process start(Path folder, Instant first) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                CsvSinkChild.class.getName(),
                folder.toString(),
                first.toString()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
