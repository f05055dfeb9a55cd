package dev.bandit.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.store.Store.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does. */
abstract class StoreContract {

    Store store;

    /** An empty one. */
    abstract Store open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void what_was_put_is_read() throws IOException {
        store.put("a/one.txt", bytes("one"));
        Path file = Files.writeString(store.scratch().resolve("two"), "two, too");
        Checksum checksum = Checksum.of(file);
        assertThat(store.put("a/b/two.txt", file)).hasContent("two, too");
        assertThat(store.read("a/one.txt"))
                .hasValueSatisfying(content -> assertThat(content).isEqualTo(bytes("one")));
        assertThat(store.fetch("a/b/two.txt", checksum)).hasContent("two, too");
        // Once more: from where it was kept.
        assertThat(store.fetch("a/b/two.txt", checksum)).hasContent("two, too");
    }

    @Test
    void some_of_it_is_read() throws IOException {
        store.put("a/digits", bytes("0123456789"));
        try (var in = store.read("a/digits", 3, 4)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes("3456"));
        }
        try (var in = store.read("a/digits", 9, 4)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes("9"));
        }
        assertThatThrownBy(() -> store.read("a/none", 0, 1))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("none is missing");
    }

    @Test
    void a_second_put_takes_the_place_of_the_first() {
        store.put("a", bytes("one"));
        store.put("a", bytes("another"));
        assertThat(store.read("a"))
                .hasValueSatisfying(content -> assertThat(content).isEqualTo(bytes("another")));
        assertThat(store.stat("a")).map(Entry::bytes).contains(7L);
    }

    @Test
    void only_what_begins_so_is_listed() {
        store.put("a/x/2", bytes("22"));
        store.put("a/x/1", bytes("1"));
        store.put("a/y/1", bytes("1"));
        store.put("ab", bytes("1"));
        assertThat(store.list("a/")).extracting(Entry::key).containsExactly("a/x/1", "a/x/2", "a/y/1");
        assertThat(store.list("a/x/")).extracting(Entry::bytes).containsExactly(1L, 2L);
        assertThat(store.list("c/")).isEmpty();
    }

    @Test
    void what_is_not_there_is_nothing() {
        assertThat(store.read("none")).isEmpty();
        assertThat(store.stat("none")).isEmpty();
        store.delete("none");
        assertThatThrownBy(() -> store.fetch("none", Checksum.of("x")))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("none is missing");
    }

    @Test
    void what_was_removed_is_gone() {
        store.put("a", bytes("one"));
        store.delete("a");
        assertThat(store.read("a")).isEmpty();
        assertThat(store.list("")).isEmpty();
    }

    @Test
    void another_content_than_expected_is_not_handed_out() {
        store.put("a", bytes("one"));
        assertThatThrownBy(() -> store.fetch("a", Checksum.of("four"))).isInstanceOf(CommandFailed.class);
    }

    @Test
    void unfinished_work_is_removed() throws IOException {
        Path scratch = store.scratch();
        Files.writeString(scratch.resolve("x"), "half");
        store.close();
        assertThat(scratch).doesNotExist();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
