package dev.bandit.service.decision;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Journals that have one directory. */
class JournalSlotTest extends JournalFixture {

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
