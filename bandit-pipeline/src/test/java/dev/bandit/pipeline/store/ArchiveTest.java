package dev.bandit.pipeline.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {

    @TempDir
    private Path folder;

    private Path zip(String... entries) throws IOException {
        Path zip = folder.resolve("files.zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String entry : entries) {
                out.putNextEntry(new ZipEntry(entry));
                out.write(entry.getBytes(StandardCharsets.UTF_8));
            }
        }
        return zip;
    }

    @Test
    void a_folder_and_a_zip_of_it_are_the_same() throws IOException {
        Path tree = folder.resolve("tree");
        Files.createDirectories(tree.resolve("top/a"));
        Files.writeString(tree.resolve("top/a/x.csv"), "top/a/x.csv");
        Files.writeString(tree.resolve("readme"), "readme");
        for (Path from : new Path[] {tree, zip("top/a/x.csv", "readme")}) {
            try (Archive archive = Archive.open(from)) {
                assertThat(archive.roots()).containsExactly("", "top/");
                assertThat(archive.files()).containsExactly("readme", "top/a/x.csv");
                assertThat(archive.hasFolder("top/a/")).isTrue();
                assertThat(archive.hasFolder("a/")).isFalse();
                assertThat(archive.bytes("top/a/x.csv")).contains(11L);
                assertThat(archive.bytes("x.csv")).isEmpty();
                try (var in = archive.read("top/a/x.csv")) {
                    assertThat(in.readAllBytes()).asString().isEqualTo("top/a/x.csv");
                }
                assertThatThrownBy(() -> archive.read("x.csv")).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void a_name_that_leads_out_is_refused() throws IOException {
        Path zip = zip("../x");
        assertThatThrownBy(() -> Archive.zip(zip, "the zip"))
                .isInstanceOf(CommandFailed.class)
                .hasMessage("the zip is refused: its entry ../x leads out of it");
    }
}
