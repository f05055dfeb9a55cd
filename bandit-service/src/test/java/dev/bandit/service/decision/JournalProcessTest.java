package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A journal and the death of the process that has it. */
@Timeout(120)
class JournalProcessTest {

    private static final int THREADS = 8;

    private Path directory;

    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void begin(@TempDir Path temporary) {
        directory = temporary;
    }

    @AfterEach
    void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 333, 5000})
    void a_process_killed_amid_appends_loses_no_acknowledged_record(int acknowledgements) throws Exception {
        List<String> said = killAfter(acknowledgements, start("append"));

        try (Journal journal = Journal.open(directory, 1L << 30)) {
            List<String> kept = drain(journal);
            assertThat(kept).containsAll(said(said, "acknowledged "));
            // One append may have been under way in each thread.
            assertThat(kept)
                    .hasSizeLessThanOrEqualTo(said(said, "acknowledged ").size() + THREADS);
            assertThat(kept).doesNotHaveDuplicates();
            assertInOrder(kept);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 1000, 5000})
    void a_process_killed_amid_deliveries_leaves_what_it_had_not_delivered_and_little_more(int deliveries)
            throws Exception {
        List<String> said = killAfter(deliveries, start("append-and-deliver"));

        try (Journal journal = Journal.open(directory, 1L << 30)) {
            List<String> delivered = said(said, "delivered ");
            List<String> left = drain(journal);
            Set<String> out = new HashSet<>(delivered);
            out.addAll(left);
            assertThat(out).containsAll(said(said, "acknowledged "));
            assertInOrder(delivered);
            assertInOrder(left);
            Set<String> twice = new HashSet<>(delivered);
            twice.retainAll(left);
            // The batch that was being delivered, of each stream.
            assertThat(twice).hasSizeLessThanOrEqualTo(10 * THREADS);
        }
    }

    @Test
    void a_living_process_keeps_its_slot_and_a_dead_one_is_inherited() throws Exception {
        Process child = start("append");
        BufferedReader lines = child.inputReader();
        read(lines, 10, new ArrayList<>());
        try (Journal beside = Journal.open(directory, 1L << 30)) {
            assertThat(beside.left()).isEmpty();
            assertThat(beside.begin("x9", 9).append("9:0".getBytes(UTF_8))).isTrue();
            // Would this process's second look have taken the child's lock away, a third would find the slot free.
            try (Journal third = Journal.open(directory, 1L << 30)) {
                assertThat(third.left()).isEmpty();
            }
            assertThat(directory.resolve("journal-2")).isDirectory();
        }
        List<String> said = killAfter(100, child);

        try (Journal heir = Journal.open(directory, 1L << 30)) {
            assertThat(drain(heir)).contains("9:0").containsAll(said(said, "acknowledged "));
        }
        try (Stream<Path> slots = Files.list(directory)) {
            assertThat(slots).hasSize(3);
        }
    }

    @Test
    void a_disk_that_takes_no_more_fails_the_append_and_keeps_what_was_acknowledged() throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -f 300 && exec \"$@\"", "sh"));
        command.addAll(command("fill"));
        Process child = start(command);
        List<String> said = new ArrayList<>();
        read(child.inputReader(), Integer.MAX_VALUE, said);
        assertThat(child.waitFor()).isZero();

        // The first two files fit, the third does not.
        assertThat(said(said, "failed ")).hasSizeBetween(200, 300);
        assertThat(said(said, "acknowledged "))
                .hasSize(400 - said(said, "failed ").size());
        try (Journal journal = Journal.open(directory, 1L << 30)) {
            assertThat(drain(journal)).isEqualTo(said(said, "acknowledged "));
        }
    }

    /** The name that {@link JournalChild} gave a record. */
    static String name(byte[] record) {
        String[] parts = new String(record, UTF_8).split(":", 3);
        return parts[0] + ":" + parts[1];
    }

    private Process start(String mode) throws IOException {
        return start(command(mode));
    }

    private Process start(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        started.add(process);
        return process;
    }

    private List<String> command(String mode) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                JournalChild.class.getName(),
                mode,
                directory.toString(),
                Integer.toString(THREADS));
    }

    /** Everything the child said, up to the moment of its death by SIGKILL after so many lines. */
    private static List<String> killAfter(int count, Process child) throws Exception {
        List<String> said = new ArrayList<>();
        BufferedReader lines = child.inputReader();
        read(lines, count, said);
        // Through the handle: the process itself would close the pipe, with what the child has said last.
        child.toHandle().destroyForcibly();
        read(lines, Integer.MAX_VALUE, said);
        assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(128 + 9);
        return said;
    }

    private static void read(BufferedReader lines, int count, List<String> said) throws IOException {
        for (int i = 0; i < count; i++) {
            String line = lines.readLine();
            if (line == null) {
                return;
            }
            said.add(line);
        }
    }

    private static List<String> said(List<String> lines, String what) {
        return lines.stream()
                .filter(line -> line.startsWith(what))
                .map(line -> line.substring(what.length()))
                .toList();
    }

    private static List<String> drain(Journal journal) {
        return JournalFixture.drainLeft(journal).stream()
                .map(record -> name(record.getBytes(UTF_8)))
                .toList();
    }

    /** Each thread's records are consecutive. */
    private static void assertInOrder(List<String> records) {
        int[] next = new int[THREADS];
        Arrays.fill(next, -1);
        for (String record : records) {
            String[] parts = record.split(":", 2);
            int thread = Integer.parseInt(parts[0]);
            int count = Integer.parseInt(parts[1]);
            if (next[thread] >= 0) {
                assertThat(count).isEqualTo(next[thread]);
            }
            next[thread] = count + 1;
        }
    }
}
