package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class JournalTest {

    private static final long PLENTY = 1L << 30;

    @TempDir
    Path directory;

    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final List<Journal> opened = new ArrayList<>();

    @BeforeEach
    void listen() {
        logged.start();
        ((Logger) LoggerFactory.getLogger(Journal.class)).addAppender(logged);
    }

    @AfterEach
    void close() throws IOException {
        ((Logger) LoggerFactory.getLogger(Journal.class)).detachAppender(logged);
        for (Journal journal : opened) {
            journal.close();
        }
    }

    @Nested
    class Queue {

        @Test
        void records_come_out_in_the_order_they_went_in() throws IOException {
            Journal journal = open();
            assertThat(journal.isEmpty()).isTrue();
            assertThat(journal.peek()).isNull();

            append(journal, "a", "bb", "ccc");

            assertThat(journal.pendingRecords()).isEqualTo(3);
            assertThat(journal.pendingBytes()).isEqualTo(3 * 8 + 6);
            assertThat(text(journal.peek())).isEqualTo("a");
            assertThat(text(journal.peek())).isEqualTo("a");
            assertThat(drain(journal)).containsExactly("a", "bb", "ccc");
            assertThat(journal.isEmpty()).isTrue();
            assertThat(journal.pendingRecords()).isZero();
            assertThat(journal.pendingBytes()).isZero();
        }

        @Test
        void any_bytes_of_any_length_come_out_as_they_went_in() throws IOException {
            Journal journal = open();
            List<byte[]> records = new ArrayList<>();
            for (int length : new int[] {1, 2, 7, 8, 9, 262_135, 262_136, 262_137, 262_144, 1_000_000, 16 << 20}) {
                byte[] record = new byte[length];
                for (int i = 0; i < length; i++) {
                    record[i] = (byte) (i * 31 + length);
                }
                records.add(record);
                assertThat(journal.append(record)).isTrue();
            }
            journal.close();

            Journal again = open();

            for (byte[] record : records) {
                assertThat(again.peek()).isEqualTo(record);
                again.remove();
            }
            assertThat(again.isEmpty()).isTrue();
        }

        @Test
        void a_record_may_be_removed_without_being_looked_at() throws IOException {
            Journal journal = open();
            append(journal, "a", "b");

            journal.remove();

            assertThat(drain(journal)).containsExactly("b");
            assertThatExceptionOfType(NoSuchElementException.class).isThrownBy(journal::remove);
        }

        @Test
        void what_would_exceed_the_bound_is_refused_and_not_written() throws IOException {
            Journal journal = open(directory, 36, Journal.SEGMENT_BYTES);
            assertThat(journal.append(new byte[29])).isFalse();
            append(journal, "1234567890", "123");

            assertThat(journal.append("12345678".getBytes(UTF_8))).isFalse();
            assertThat(journal.append("1".getBytes(UTF_8))).isFalse();
            assertThat(journal.pendingBytes()).isEqualTo(29);
            journal.remove();
            append(journal, "123");

            assertThat(drain(journal)).containsExactly("123", "123");
            journal.close();
            assertThat(drain(open())).isEmpty();
        }

        @Test
        void the_bound_holds_while_many_records_wait_for_one_force() throws IOException {
            Journal journal = open(directory, 100 * 18, Journal.SEGMENT_BYTES);

            List<@Nullable CompletableFuture<@Nullable Void>> offers = IntStream.range(0, 1000)
                    .<@Nullable CompletableFuture<@Nullable Void>>mapToObj(i -> journal.offer(new byte[10]))
                    .toList();

            List<CompletableFuture<@Nullable Void>> taken = new ArrayList<>();
            for (CompletableFuture<@Nullable Void> offer : offers) {
                if (offer != null) {
                    taken.add(offer);
                }
            }
            taken.forEach(CompletableFuture::join);
            assertThat(taken).hasSize(100);
            assertThat(journal.pendingRecords()).isEqualTo(100);
        }

        @Test
        void records_that_cannot_be_are_refused() throws IOException {
            Journal journal = open();

            assertThatIllegalArgumentException().isThrownBy(() -> journal.append(new byte[0]));
            assertThatIllegalArgumentException().isThrownBy(() -> journal.append(new byte[(16 << 20) + 1]));
            assertThatIllegalArgumentException().isThrownBy(() -> Journal.open(directory, 0));
        }

        @Test
        void nothing_works_after_the_end_and_a_second_close_does_nothing() throws IOException {
            Journal journal = open();
            journal.close();
            journal.close();

            assertThatIllegalStateException().isThrownBy(() -> journal.append(new byte[1]));
            assertThatIllegalStateException().isThrownBy(journal::peek);
            assertThatIllegalStateException().isThrownBy(journal::remove);
        }

        @Test
        void an_interrupt_neither_cuts_an_append_short_nor_breaks_the_journal() throws IOException {
            Journal journal = open();
            Thread.currentThread().interrupt();

            append(journal, "a", "b");
            assertThat(drain(journal)).containsExactly("a", "b");

            assertThat(Thread.interrupted()).isTrue();
            append(journal, "c");
            assertThat(drain(journal)).containsExactly("c");
        }

        @Test
        void a_caller_who_gives_up_waiting_is_no_matter_of_the_others() throws IOException {
            Journal journal = open();
            CompletableFuture<@Nullable Void> first = journal.offer(new byte[] {1});
            CompletableFuture<@Nullable Void> second = journal.offer(new byte[] {2});
            assertThat(journal.isEmpty()).isFalse();

            assertThat(first).isNotNull();
            first.cancel(true);

            assertThat(second).isNotNull();
            second.join();
            assertThat(second).isCompleted();
        }
    }

    @Nested
    class Reopened {

        @Test
        void it_goes_on_where_it_was() throws IOException {
            Journal journal = open();
            append(journal, "a", "b", "c");
            journal.remove();
            journal.close();

            Journal again = open();
            append(again, "d");

            assertThat(again.pendingRecords()).isEqualTo(3);
            assertThat(drain(again)).containsExactly("b", "c", "d");
        }

        @Test
        void the_bound_counts_what_is_left_from_before() throws IOException {
            Journal journal = open();
            append(journal, "1234567890", "1234567890");
            journal.remove();
            journal.close();

            Journal again = open(directory, 30, Journal.SEGMENT_BYTES);

            assertThat(again.pendingBytes()).isEqualTo(18);
            assertThat(again.append("12345".getBytes(UTF_8))).isFalse();
            assertThat(again.append("1234".getBytes(UTF_8))).isTrue();
        }

        @Test
        void drained_segments_are_deleted_at_once() throws IOException {
            Journal journal = open(directory, PLENTY, 50);
            for (int i = 0; i < 100; i++) {
                append(journal, "record-" + i);
            }
            assertThat(segments("journal-0")).hasSizeBetween(30, 40);

            for (int i = 0; i < 50; i++) {
                journal.remove();
            }

            assertThat(segments("journal-0")).hasSizeBetween(15, 20);
            assertThat(drain(journal)).hasSize(50).startsWith("record-50").endsWith("record-99");
            assertThat(segments("journal-0")).hasSizeLessThan(2);
            journal.close();
            assertThat(segments("journal-0")).isEmpty();
        }

        @Test
        void segments_are_read_in_the_order_of_their_numbers() throws IOException {
            Journal journal = open(directory, PLENTY, 1);
            for (int i = 0; i < 120; i++) {
                append(journal, "record-" + i);
            }
            journal.close();

            assertThat(drain(open()))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 120).mapToObj(i -> "record-" + i).toList());
        }

        @Test
        void a_drained_journal_stays_drained_and_can_be_filled_again() throws IOException {
            for (int round = 0; round < 5; round++) {
                Journal journal = open(directory, PLENTY, 20);
                assertThat(journal.peek()).isNull();
                append(journal, "a" + round, "b" + round, "c" + round);
                assertThat(drain(journal)).containsExactly("a" + round, "b" + round, "c" + round);
                journal.close();
            }
        }

        @Test
        void a_position_that_is_lost_or_damaged_leads_to_redelivery_and_never_to_loss() throws IOException {
            Journal journal = open();
            append(journal, "a", "b", "c");
            journal.remove();
            journal.close();
            Path position = directory.resolve("journal-0/position");
            byte[] bytes = Files.readAllBytes(position);
            for (int bit = 0; bit < bytes.length * 8; bit++) {
                byte[] flipped = bytes.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                Files.write(position, flipped);

                try (Journal again = Journal.open(directory, PLENTY)) {
                    assertThat(text(again.peek())).isEqualTo("a");
                }
            }
            Files.write(position, new byte[7]);
            assertThat(drain(open())).containsExactly("a", "b", "c");
        }
    }

    @Nested
    class Damage {

        @Test
        void a_tail_torn_at_any_byte_costs_the_torn_record_only() throws IOException {
            Journal journal = open();
            append(journal, "first", "second");
            int whole = (int) journal.pendingBytes();
            append(journal, "torn off");
            byte[] bytes = Files.readAllBytes(segments("journal-0").getFirst());

            for (int length = whole; length < bytes.length; length++) {
                Path torn = withSegment("torn-" + length, Arrays.copyOf(bytes, length));
                logged.list.clear();
                try (Journal again = Journal.open(torn, PLENTY)) {
                    assertThat(again.pendingRecords()).isEqualTo(2);
                    assertThat(warnings()).hasSize(length == whole ? 0 : 1);
                    append(again, "third");
                }

                logged.list.clear();
                try (Journal again = Journal.open(torn, PLENTY)) {
                    assertThat(drain(again)).containsExactly("first", "second", "third");
                    assertThat(warnings()).isEmpty();
                }
            }
        }

        @Test
        void a_tail_of_zeroes_costs_nothing() throws IOException {
            Journal journal = open();
            append(journal, "first", "second");
            byte[] bytes = Files.readAllBytes(segments("journal-0").getFirst());
            Path torn = withSegment("zeroes", Arrays.copyOf(bytes, bytes.length + 4096));

            assertThat(drain(open(torn, PLENTY, Journal.SEGMENT_BYTES))).containsExactly("first", "second");
            assertThat(warnings()).singleElement().asString().contains("dropped the 4096 bytes");
        }

        @Test
        void a_changed_bit_costs_its_record_and_those_behind_it_in_the_segment() throws IOException {
            Journal journal = open(directory, PLENTY, 30);
            append(journal, "first", "second", "third", "fourth");
            assertThat(segments("journal-0")).hasSize(2);
            byte[] one = Files.readAllBytes(segments("journal-0").getFirst());
            byte[] two = Files.readAllBytes(segments("journal-0").getLast());
            assertThat(one).hasSize(8 + 5 + 8 + 6 + 8 + 5);

            for (int bit = (8 + 5) * 8; bit < (8 + 5 + 8 + 6) * 8; bit++) {
                byte[] changed = one.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                Path damaged = withSegment("bit-" + bit, changed);
                Files.write(damaged.resolve("journal-0/segment-000000000000000001"), two);
                logged.list.clear();

                try (Journal again = Journal.open(damaged, PLENTY)) {
                    assertThat(drain(again)).containsExactly("first", "fourth");
                }
                assertThat(warnings())
                        .singleElement()
                        .asString()
                        .contains("segment-000000000000000000", "at offset 13", "dropped the 27 bytes");
            }
        }

        @Test
        void a_record_that_is_damaged_while_the_journal_is_open_does_not_block_it() throws IOException {
            Journal journal = open();
            append(journal, "first", "second", "third");
            try (RandomAccessFile file =
                    new RandomAccessFile(segments("journal-0").getFirst().toFile(), "rw")) {
                file.seek(8 + 5 + 8 + 1);
                file.write('X');
            }

            assertThat(drain(journal)).containsExactly("first");
            assertThat(journal.isEmpty()).isTrue();
            assertThat(journal.pendingBytes()).isZero();
            assertThat(warnings()).singleElement().asString().contains("at offset 13", "dropped the 2 records");
            append(journal, "fourth");
            assertThat(drain(journal)).containsExactly("fourth");
        }

        @Test
        void a_segment_that_cannot_be_made_fails_its_append_and_no_other() throws IOException {
            Journal journal = open();
            Path obstacle = Files.createDirectory(directory.resolve("journal-0/segment-000000000000000000"));

            assertThatExceptionOfType(UncheckedIOException.class)
                    .isThrownBy(() -> append(journal, "lost"))
                    .withMessageContaining("could not be written");

            assertThat(journal.isEmpty()).isTrue();
            append(journal, "kept");
            assertThat(drain(journal)).containsExactly("kept");
            Files.delete(obstacle);
        }
    }

    @Nested
    class Slots {

        @Test
        void two_journals_on_one_directory_do_not_share() throws IOException {
            Journal one = open();
            Journal two = open();
            append(one, "one");
            append(two, "two");

            assertThat(drain(one)).containsExactly("one");
            assertThat(drain(two)).containsExactly("two");
            assertThat(slots()).containsExactly("journal-0", "journal-1");
        }

        @Test
        void what_ended_processes_left_comes_out_first_and_in_order() throws IOException {
            List<Journal> three = List.of(open(), open(), open());
            for (Journal journal : three) {
                int slot = three.indexOf(journal);
                append(journal, "a" + slot, "b" + slot, "c" + slot);
                journal.remove();
            }
            three.get(0).close();
            three.get(2).close();

            Journal next = open();
            append(next, "new");

            assertThat(next.pendingRecords()).isEqualTo(5);
            assertThat(drain(next)).containsExactly("b2", "c2", "b0", "c0", "new");
            assertThat(drain(three.get(1))).containsExactly("b1", "c1");
        }

        @Test
        void an_adopted_slot_keeps_its_position_and_is_given_back_when_it_is_drained() throws IOException {
            Journal zero = open();
            Journal one = open(directory, PLENTY, 1);
            append(one, "a", "b", "c");
            zero.close();
            one.close();

            Journal adopter = open();
            adopter.remove();
            adopter.close();
            Journal second = open();
            assertThat(text(second.peek())).isEqualTo("b");
            append(open(), "held meanwhile, so this went to another slot");
            assertThat(slots()).containsExactly("journal-0", "journal-1", "journal-2");
            assertThat(drain(second)).containsExactly("b", "c");

            append(open(), "d");
            assertThat(slots()).containsExactly("journal-0", "journal-1", "journal-2");
            assertThat(segments("journal-1")).hasSize(1);
        }
    }

    @Nested
    class Concurrency {

        @Test
        void many_appenders_and_one_drainer_lose_double_and_reorder_nothing() throws Exception {
            int appenders = 32;
            int each = 300;
            Journal journal = open(directory, PLENTY, 4096);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < appenders; i++) {
                int appender = i;
                threads.add(Thread.startVirtualThread(() -> {
                    for (int j = 0; j < each; j++) {
                        append(journal, appender + ":" + j);
                    }
                }));
            }

            int[] next = new int[appenders];
            for (int taken = 0; taken < appenders * each; ) {
                byte[] record = journal.peek();
                if (record == null) {
                    Thread.onSpinWait();
                    continue;
                }
                String[] parts = text(record).split(":", 2);
                assertThat(Integer.parseInt(parts[1])).isEqualTo(next[Integer.parseInt(parts[0])]++);
                journal.remove();
                taken++;
            }

            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(journal.isEmpty()).isTrue();
            assertThat(segments("journal-0")).hasSizeLessThan(2);
        }

        @Test
        void a_close_amid_appends_keeps_what_was_acknowledged() throws Exception {
            for (int round = 0; round < 20; round++) {
                Path path = directory.resolve("round-" + round);
                Journal journal = Journal.open(path, PLENTY);
                List<CompletableFuture<Integer>> counts = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    counts.add(CompletableFuture.supplyAsync(() -> appendUntilClosed(journal)));
                }
                while (journal.pendingRecords() < 20) {
                    Thread.onSpinWait();
                }
                journal.close();

                long acknowledged =
                        counts.stream().mapToInt(CompletableFuture::join).sum();
                try (Journal again = Journal.open(path, PLENTY)) {
                    assertThat(again.pendingRecords()).isEqualTo(acknowledged);
                }
            }
        }

        private static int appendUntilClosed(Journal journal) {
            int count = 0;
            while (true) {
                try {
                    append(journal, "record");
                } catch (IllegalStateException e) {
                    return count;
                }
                count++;
            }
        }
    }

    private Journal open() throws IOException {
        return open(directory, PLENTY, Journal.SEGMENT_BYTES);
    }

    private Journal open(Path path, long maxBytes, long segmentBytes) throws IOException {
        Journal journal = Journal.open(path, maxBytes, segmentBytes);
        opened.add(journal);
        return journal;
    }

    private Path withSegment(String name, byte[] bytes) throws IOException {
        Path other = directory.resolve(name);
        Files.write(Files.createDirectories(other.resolve("journal-0")).resolve("segment-000000000000000000"), bytes);
        return other;
    }

    private List<Path> segments(String slot) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(slot))) {
            return files.filter(file -> file.getFileName().toString().startsWith("segment-"))
                    .sorted()
                    .toList();
        }
    }

    private List<String> slots() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private List<String> warnings() {
        return logged.list.stream()
                .filter(event -> event.getLevel() == Level.WARN)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static void append(Journal journal, String... records) {
        for (String record : records) {
            assertThat(journal.append(record.getBytes(UTF_8))).isTrue();
        }
    }

    private static List<String> drain(Journal journal) {
        List<String> records = new ArrayList<>();
        for (byte[] record = journal.peek(); record != null; record = journal.peek()) {
            records.add(text(record));
            journal.remove();
        }
        return records;
    }

    private static String text(byte @Nullable [] record) {
        assertThat(record).isNotNull();
        return new String(record, UTF_8);
    }
}
