package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a journal finds when it is opened again, whole or damaged. */
class JournalRecoveryTest extends JournalFixture {

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
