package dev.bandit.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest extends StoreContract {

    @TempDir
    private Path folder;

    @Override
    Store open() {
        return Store.open(folder.resolve("store").toString());
    }

    @Test
    void there_is_one_writer_at_a_time() {
        store.lock();
        try (Store other = open()) {
            assertThatThrownBy(other::lock)
                    .isInstanceOf(CommandFailed.class)
                    .hasMessageContaining("Another ingest is writing");
        }
        store.close();
        try (Store other = open()) {
            other.lock();
        }
    }

    @Test
    void a_writer_clears_away_what_killed_ones_have_left() throws IOException {
        Path left = Files.createDirectories(folder.resolve("store/.bandit/scratch-1/convert"));
        Files.writeString(left.resolve("log.parquet"), "half");
        store.lock();
        assertThat(folder.resolve("store/.bandit/scratch-1")).doesNotExist();
    }
}
