package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A journal in one life of its process. */
class JournalTest extends JournalFixture {

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
                LockSupport.parkNanos(100_000);
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
                LockSupport.parkNanos(100_000);
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
