package dev.bandit.pipeline.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFolderTest {

    @Test
    void what_fails_half_way_leaves_the_file_as_it_was(@TempDir Path temporary) throws IOException {
        OutputFolder folder = OutputFolder.at(temporary.resolve("a/b"));
        Path file = folder.write("x.csv", "old\n");
        assertThat(file).isEqualTo(temporary.resolve("a/b/x.csv"));
        assertThatThrownBy(() -> folder.write("x.csv", out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("The disk is full");
                }))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("x.csv cannot be written")
                .hasMessageContaining("The disk is full");
        assertThat(file).hasContent("old\n");
        try (Stream<Path> files = Files.list(temporary.resolve("a/b"))) {
            assertThat(files).containsExactly(file);
        }
        folder.write("x.csv", "new\n");
        assertThat(file).hasContent("new\n");
    }
}
