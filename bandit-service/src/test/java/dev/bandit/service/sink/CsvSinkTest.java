package dev.bandit.service.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.service.snapshot.SnapshotRow;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvSinkTest {

    private static final String HEAD =
            "test_id,variant,timestamp,alpha,beta,exposures_inc,successes_inc,exposures_total,"
                    + "successes_total,success_rate_total,mean,ci_low,ci_high,prob_best,expected_loss";

    private Path folder;
    private CsvSink sink;

    @BeforeEach
    void begin(@TempDir Path temporary) {
        folder = temporary.resolve("made/when/missing");
        sink = new CsvSink(folder);
    }

    @Test
    void rows_are_written_as_they_are() throws IOException {
        sink.write(List.of(new Tick(
                Rows.NOON,
                List.of(
                        new SnapshotRow("t", "a", Rows.NOON, 3, 2.5, 3, 2, 3, 2, 2 / 3.0, 0.55, 0.1, 0.9, 1e-9, 0),
                        new SnapshotRow("t", "b", Rows.NOON, 1, 1, 0, 0, 0, 0, null, 0.5, 0.025, 0.975, 0.5, 0.25)))));

        assertThat(lines("2026-03-01"))
                .containsExactly(
                        HEAD,
                        "t,a,2026-03-01T12:00:00.000Z,3.0,2.5,3,2.0,3,2.0,0.6666666666666666,0.55,0.1,0.9,1.0E-9,0.0",
                        "t,b,2026-03-01T12:00:00.000Z,1.0,1.0,0,0.0,0,0.0,,0.5,0.025,0.975,0.5,0.25");
    }

    @Test
    void names_are_quoted_where_they_have_to_be_and_the_file_goes_on_after_them() throws IOException {
        Instant time = Rows.NOON;
        for (String name : List.of("a,b", "say \"x\"", "two\nlines", "ä")) {
            time = time.plusSeconds(1);
            sink.write(List.of(new Tick(time, List.of(Rows.row("t", name, time, new Random(1))))));
            sink.write(List.of(new Tick(time, List.of(Rows.row("t", name, time, new Random(1))))));
        }
        assertThat(Files.readString(folder.resolve("posteriors_2026-03-01.csv")))
                .containsOnlyOnce("t,ä,2")
                .containsOnlyOnce("t,\"a,b\",2")
                .containsOnlyOnce("t,\"say \"\"x\"\"\",2")
                .containsOnlyOnce("t,\"two\nlines\",2");
    }

    @Test
    void a_tick_written_twice_stands_there_once() throws IOException {
        List<Tick> ticks = Stream.iterate(Rows.NOON, time -> time.plusMillis(100))
                .limit(20)
                .map(time -> Rows.tick(time, 2, 3))
                .toList();
        sink.write(ticks.subList(0, 10));
        String first = Files.readString(folder.resolve("posteriors_2026-03-01.csv"));
        sink.write(ticks.subList(0, 10));
        assertThat(Files.readString(folder.resolve("posteriors_2026-03-01.csv")))
                .isEqualTo(first);
        sink.write(ticks.subList(5, 20));

        assertThat(lines("2026-03-01")).hasSize(1 + 20 * 6).doesNotHaveDuplicates();
        assertThat(CsvFile.ticks(folder.resolve("posteriors_2026-03-01.csv"))).isEqualTo(ticks);
    }

    @Test
    void each_day_has_its_file() throws IOException {
        Instant midnight = Instant.parse("2026-03-02T00:00:00Z");
        List<Tick> ticks = List.of(Rows.tick(midnight.minusMillis(1), 1, 2), Rows.tick(midnight, 1, 2));
        sink.write(ticks);

        assertThat(CsvFile.ticks(folder.resolve("posteriors_2026-03-01.csv"))).isEqualTo(ticks.subList(0, 1));
        assertThat(CsvFile.ticks(folder.resolve("posteriors_2026-03-02.csv"))).isEqualTo(ticks.subList(1, 2));
    }

    @Test
    void what_is_not_ours_is_left_alone() throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("posteriors_2026-03-01.csv");
        for (String text : List.of("", "mine", "mine\n", HEAD, HEAD + "\nt,a,noon,1,2,3,4,5,6,7,8,9,10,11,12\n")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> sink.write(List.of(Rows.tick(Rows.NOON, 1, 1))))
                    .isInstanceOf(IOException.class)
                    .hasMessageEndingWith(
                            "posteriors_2026-03-01.csv does not end with a row of a snapshot; move it away");
            assertThat(file).hasContent(text);
        }
    }

    @Test
    void a_folder_that_another_is_writing_to_is_refused() throws IOException {
        Files.createDirectories(folder);
        try (FileChannel channel = FileChannel.open(
                        folder.resolve(".posteriors.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            assertThat(lock.isValid()).isTrue();
            assertThatThrownBy(() -> sink.write(List.of(Rows.tick(Rows.NOON, 1, 1))))
                    .hasMessageContaining("another process is writing");
        }
        sink.write(List.of(Rows.tick(Rows.NOON, 1, 1)));
        assertThat(lines("2026-03-01")).hasSize(2);
    }

    private List<String> lines(String date) throws IOException {
        return Files.readAllLines(folder.resolve("posteriors_" + date + ".csv"));
    }
}
