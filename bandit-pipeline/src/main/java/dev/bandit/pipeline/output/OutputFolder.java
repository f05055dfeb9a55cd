package dev.bandit.pipeline.output;

import dev.bandit.cli.CommandFailed;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Where a command leaves its files. Each is written beside and then renamed, so that nobody reads half of one. */
public final class OutputFolder {

    /** Writes what belongs into a file; closing is not its business. */
    @FunctionalInterface
    public interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private final Path folder;

    private OutputFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * @param folder made if it is not there
     * @throws CommandFailed if it cannot be written to
     */
    public static OutputFolder at(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CommandFailed("%s cannot be made: %s".formatted(folder, e), e);
        }
        if (!Files.isWritable(folder)) {
            throw new CommandFailed("%s cannot be written to.".formatted(folder));
        }
        return new OutputFolder(folder);
    }

    /**
     * Replaces a file.
     *
     * @param name without a folder
     * @return where it is
     * @throws CommandFailed if it cannot be written; what was there before is still there then
     */
    public Path write(String name, Content content) {
        Path file = folder.resolve(name);
        // A name of its own for each process: two that write at once do not mix.
        Path beside = folder.resolve("." + name + "." + ProcessHandle.current().pid() + ".part");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(beside))) {
                content.writeTo(out);
            }
            return Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            CommandFailed failure = new CommandFailed("%s cannot be written: %s".formatted(file, e), e);
            try {
                Files.deleteIfExists(beside);
            } catch (IOException left) {
                failure.addSuppressed(left);
            }
            throw failure;
        }
    }

    /** The same for text, in UTF-8. */
    public Path write(String name, String text) {
        return write(name, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }
}
