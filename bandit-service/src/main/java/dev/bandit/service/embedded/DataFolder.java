package dev.bandit.service.embedded;

import dev.bandit.service.startup.StartupProblem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The folder of one service's embedded servers, held by a file lock for as long as the service runs. */
final class DataFolder implements AutoCloseable {

    private final Path path;
    private final FileChannel lock;

    private DataFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /** @throws StartupProblem when the folder cannot be written, or another service holds it */
    static DataFolder hold(Path folder) {
        var path = folder.toAbsolutePath().normalize();
        FileChannel channel;
        try {
            PrivateFiles.createFolders(path);
            channel = FileChannel.open(
                    path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new StartupProblem(
                    "The data folder %s cannot be written; choose another with --data-dir.".formatted(path), e);
        }
        try {
            if (channel.tryLock() == null) {
                var holder = Files.readString(path.resolve("lock"), StandardCharsets.US_ASCII)
                        .strip();
                channel.close();
                throw inUse(path, holder.isEmpty() ? "" : " (process " + holder + ")");
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return new DataFolder(path, channel);
        } catch (OverlappingFileLockException e) {
            throw inUse(path, "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static StartupProblem inUse(Path path, String who) {
        return new StartupProblem(
                "Another Bandit service%s uses the data folder %s; stop it or choose another with --data-dir."
                        .formatted(who, path));
    }
}
