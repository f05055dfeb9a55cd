package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JournalTest extends JournalFixture {

    @Test
    void records_of_a_stream_come_out_in_the_order_they_went_in() throws IOException {
        Journal journal = open();
        StreamJournal one = journal.begin("x", 1);
        StreamJournal two = journal.begin("y", 2);
        append(one, "a", "b", "c");
        append(two, "A");
        append(one, "d");

        assertThat(texts(one.read(2))).containsExactly("a", "b");
        assertThat(texts(one.read(3))).as("nothing was delivered").containsExactly("a", "b", "c");
        one.delivered();
        assertThat(texts(one.read(3))).containsExactly("d");
        one.delivered();
        one.delivered();
        assertThat(one.read(3)).isEmpty();
        assertThat(drain(two)).containsExactly("A");
        assertThat(journal.pendingBytes()).isZero();
    }

    @Test
    void any_bytes_come_out_as_they_went_in_over_many_segments() throws IOException {
        StreamJournal stream = open().begin("x", 1);
        SplittableRandom random = new SplittableRandom(1);
        List<byte[]> records = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            byte[] record = new byte[1 + random.nextInt(3_000)];
            random.nextBytes(record);
            records.add(record);
            assertThat(stream.append(record)).isTrue();
        }
        byte[] larger = new byte[60_000];
        Arrays.fill(larger, (byte) 7);
        records.add(larger);
        assertThat(stream.append(larger)).isTrue();

        List<byte[]> found = new ArrayList<>();
        for (List<byte[]> some = stream.read(77); !some.isEmpty(); some = stream.read(77)) {
            found.addAll(some);
            stream.delivered();
        }
        assertThat(found.toArray(byte[][]::new)).isDeepEqualTo(records.toArray(byte[][]::new));
    }

    @Test
    void what_would_exceed_the_bound_is_refused_until_something_is_delivered() throws IOException {
        Journal journal = open(directory, 800);
        StreamJournal stream = journal.begin("x", 1);
        for (int i = 0; i < 7; i++) {
            append(stream, "r".repeat(92));
        }
        assertThat(stream.append(new byte[1])).isFalse();
        assertThat(journal.pendingBytes()).isEqualTo(700);
        stream.read(1);
        stream.delivered();
        append(stream, "01234");
        assertThat(drain(stream)).hasSize(7).endsWith("01234");
        assertThat(journal.pendingBytes()).isZero();
    }

    @Test
    void a_stream_that_is_not_delivered_leaves_room_for_the_others() throws IOException {
        Journal journal = open(directory, 800);
        StreamJournal greedy = journal.begin("x", 1);
        while (greedy.append(new byte[10])) {
            assertThat(journal.pendingBytes()).isLessThanOrEqualTo(700);
        }
        for (int stream = 2; stream < 20; stream++) {
            append(journal.begin("x" + stream, stream), "a little", "and a little more");
        }
        StreamJournal late = journal.begin("y", 99);
        append(late, "a little");
        assertThat(late.append(new byte[200])).isFalse();
    }

    @Test
    void what_a_dead_process_had_delivered_is_not_kept() throws IOException {
        Path before = withSegment("dead", deadAfterDelivery());
        try (Journal journal = Journal.open(before, PLENTY)) {
            assertThat(journal.left()).isEmpty();
        }
        assertThat(before.resolve("journal-0/0000000000000001-00000000")).doesNotExist();
    }

    private byte[] deadAfterDelivery() throws IOException {
        StreamJournal stream = open().begin("x", 1);
        append(stream, "a", "b");
        drain(stream);
        return Files.readAllBytes(files("journal-0").getFirst());
    }

    @Test
    void drained_segments_go_and_an_idle_stream_keeps_none() throws IOException {
        Journal journal = open();
        StreamJournal stream = journal.begin("x", 1);
        for (int i = 0; i < 100; i++) {
            append(stream, "r".repeat(1_000));
        }
        assertThat(files("journal-0")).as("of 16 and 128 KiB").hasSize(2);
        assertThat(drain(stream)).hasSize(100);
        assertThat(files("journal-0")).hasSize(1);
        journal.tidy();
        assertThat(files("journal-0")).as("in use since the last time").hasSize(1);
        journal.tidy();
        assertThat(files("journal-0")).isEmpty();
        append(stream, "again");
        journal.tidy();
        journal.tidy();
        assertThat(drain(stream)).containsExactly("again");
    }

    @Test
    void many_appenders_and_one_drainer_a_stream_lose_double_and_reorder_nothing() throws Exception {
        int appenders = 6;
        int records = 3_000;
        StreamJournal stream = open().begin("x", 1);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Void>> appending = IntStream.range(0, appenders)
                    .mapToObj(appender -> threads.submit((Callable<Void>) () -> {
                        for (int i = 0; i < records; i++) {
                            append(stream, appender + ":" + i);
                        }
                        return null;
                    }))
                    .toList();
            List<String> out = new ArrayList<>();
            boolean ended = false;
            while (!ended) {
                ended = appending.stream().allMatch(Future::isDone);
                out.addAll(drain(stream));
            }
            for (Future<Void> appender : appending) {
                appender.get();
            }
            for (int appender = 0; appender < appenders; appender++) {
                String mine = appender + ":";
                assertThat(out.stream().filter(record -> record.startsWith(mine)))
                        .containsExactlyElementsOf(IntStream.range(0, records)
                                .mapToObj(i -> mine + i)
                                .toList());
            }
        }
    }

    @Test
    void the_next_process_finds_what_was_not_delivered() throws IOException {
        Journal before = open();
        StreamJournal one = before.begin("x", -1);
        StreamJournal two = before.begin("an.experiment-with_a.name", 2);
        before.begin("z", 3);
        append(one, "a", "b", "c");
        for (int i = 0; i < 50; i++) {
            append(two, i + "r".repeat(1_000));
        }
        one.read(2);
        one.delivered();
        two.read(30);
        two.delivered();
        two.read(10);
        long pending = before.pendingBytes();
        before.close();

        Journal after = open();
        assertThat(after.left())
                .extracting(StreamJournal::experimentId)
                .containsExactly("x", "an.experiment-with_a.name");
        assertThat(after.left()).extracting(StreamJournal::stream).containsExactly(-1L, 2L);
        assertThat(after.left()).extracting(StreamJournal::pendingRecords).containsExactly(1, 20);
        assertThat(after.pendingBytes()).isEqualTo(pending);
        assertThat(drain(after.left().getFirst())).containsExactly("c");
        assertThat(drain(after.left().getLast()))
                .hasSize(20)
                .startsWith("30" + "r".repeat(1_000))
                .endsWith("49" + "r".repeat(1_000));
        assertThat(after.pendingBytes()).isZero();
        after.close();
        assertThat(files("journal-0")).isEmpty();
    }

    @Test
    void two_journals_on_one_directory_do_not_share_and_dead_ones_are_taken_over() throws IOException {
        Journal one = open();
        Journal two = open();
        Journal three = open();
        append(one.begin("x", 1), "one");
        append(two.begin("x", 2), "two");
        append(three.begin("x", 3), "three");
        two.close();
        three.close();

        Journal heir = open();
        assertThat(drainLeft(heir)).containsExactly("two", "three");
        assertThat(files("journal-0")).hasSize(1);
    }

    @Test
    void a_record_that_was_being_written_is_not_there_and_those_before_it_are() throws IOException {
        Journal journal = open();
        StreamJournal stream = journal.begin("x", 1);
        append(stream, "first", "second");
        int whole = JournalSegment.HEAD_BYTES + 8 + 5 + 8 + 6;
        append(stream, "torn off");
        byte[] bytes = Files.readAllBytes(files("journal-0").getFirst());

        for (int written = whole; written < whole + 8 + 8; written++) {
            byte[] torn = bytes.clone();
            Arrays.fill(torn, written, torn.length, (byte) 0);
            logged.list.clear();
            try (Journal again = Journal.open(withSegment("torn-" + written, torn), PLENTY)) {
                assertThat(drainLeft(again)).containsExactly("first", "second");
            }
            assertThat(warnings()).hasSize(written < whole + 4 ? 0 : 1);
        }
    }

    @Test
    void a_changed_bit_costs_its_record_and_those_behind_it_in_the_segment() throws IOException {
        Journal journal = open();
        append(journal.begin("x", 1), "first", "second", "third");
        byte[] bytes = Files.readAllBytes(files("journal-0").getFirst());
        int from = JournalSegment.HEAD_BYTES + 8 + 5;
        for (int bit = from * 8; bit < (from + 8 + 6) * 8; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            logged.list.clear();
            try (Journal again = Journal.open(withSegment("bit-" + bit, changed), PLENTY)) {
                assertThat(drainLeft(again)).containsExactly("first");
            }
            assertThat(warnings()).singleElement().asString().contains("at offset " + from);
        }
    }

    @Test
    void files_that_are_no_segments_are_left_alone() throws IOException {
        Path other = withSegment("strange", "hello".getBytes(UTF_8));
        try (Journal journal = Journal.open(other, PLENTY)) {
            assertThat(journal.left()).isEmpty();
            append(journal.begin("x", 2), "a");
        }
        assertThat(other.resolve("journal-0/0000000000000001-00000000")).hasContent("hello");
        assertThat(warnings()).singleElement().asString().contains("not a segment");
    }

    @Test
    void a_file_whose_maker_died_before_anything_was_in_it_goes() throws IOException {
        try (Journal journal = Journal.open(withSegment("begun", new byte[5_000]), PLENTY)) {
            assertThat(journal.left()).isEmpty();
        }
        assertThat(directory.resolve("begun/journal-0/0000000000000001-00000000"))
                .doesNotExist();
        assertThat(warnings()).isEmpty();
    }

    @Test
    void a_file_that_cannot_be_made_fails_its_append_and_no_other() throws IOException {
        Journal journal = open();
        StreamJournal one = journal.begin("x", 1);
        Path inTheWay = directory.resolve("journal-0/0000000000000001-00000000");
        Files.createDirectory(inTheWay);
        assertThatThrownBy(() -> one.append(new byte[10])).isInstanceOf(IOException.class);
        assertThat(journal.pendingBytes()).isZero();
        assertThat(one.append(new byte[10])).as("at once").isFalse();
        append(journal.begin("y", 2), "another");
        await().atMost(Duration.ofSeconds(5)).until(() -> one.append("the next file".getBytes(UTF_8)));
        assertThat(drain(one)).containsExactly("the next file");
    }
}
