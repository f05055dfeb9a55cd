package dev.bandit.pipeline.store;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Objects;

/** Files of this machine, so written that neither a kill nor a power cut leaves half of one. */
public final class LocalFiles {

    private LocalFiles() {}

    /** Puts a finished file into place: on disk first, then under its name, then the name on disk. */
    static void publish(Path file, Path place) throws IOException {
        sync(file);
        Files.createDirectories(parent(place));
        Files.move(file, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(parent(place));
    }

    /** Has the disk write down what it was given: of a file its content, of a folder its names. */
    static void sync(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Removes a folder with all that is in it. */
    static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    /** A sentence about a failed access to files: the JDK's often only has the name. */
    public static CommandFailed failed(String what, IOException e) {
        String why = switch (e) {
            case NoSuchFileException gone -> gone.getFile() + " is not there";
            case AccessDeniedException denied -> denied.getFile() + " is not accessible";
            case FileAlreadyExistsException exists -> exists.getFile() + " is a file, expected a folder";
            case NotDirectoryException other -> other.getFile() + " is no folder";
            default -> String.valueOf(e.getMessage());
        };
        return new CommandFailed(what + ": " + why, e);
    }

    static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no folder above");
        }
        return parent;
    }
}
