package dev.bandit.pipeline.store;

import dev.bandit.cli.CommandFailed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A folder. What is unfinished is under {@code .bandit}, from where it is renamed into place. */
final class FolderStore implements Store {

    private static final String ASIDE = ".bandit";
    private static final String SCRATCH = "scratch-";

    private final Path root;
    private @Nullable Path scratch;
    private @Nullable FileChannel lock;

    private FolderStore(Path root) {
        this.root = root;
    }

    static FolderStore open(String where) {
        try {
            Path root = Path.of(where).toAbsolutePath().normalize();
            if (Files.exists(root) && !Files.isDirectory(root)) {
                throw new CommandFailed("The store " + root + " is a file, expected a folder or s3://bucket/prefix");
            }
            return new FolderStore(root);
        } catch (InvalidPathException e) {
            throw new CommandFailed("The store " + where + " is no name of a folder: " + e.getMessage(), e);
        }
    }

    @Override
    public List<Entry> list(String prefix) {
        Path folder = path(prefix.substring(0, prefix.lastIndexOf('/') + 1));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(root.resolve(ASIDE)))
                    .flatMap(file -> stat(key(file)).stream())
                    .filter(entry -> entry.key().startsWith(prefix))
                    .sorted(Comparator.comparing(Entry::key))
                    .toList();
        } catch (UncheckedIOException e) {
            throw failed(Objects.requireNonNull(e.getCause()));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<Entry> stat(String key) {
        try {
            Path file = path(key);
            return Optional.of(new Entry(
                    key, Files.size(file), Files.getLastModifiedTime(file).toInstant()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Optional<byte[]> read(String key) {
        try {
            return Optional.of(Files.readAllBytes(path(key)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public InputStream read(String key, long from, long bytes) {
        try {
            return new Section(path(key), from, bytes);
        } catch (NoSuchFileException e) {
            throw new CommandFailed(path(key) + " is missing; ingest again", e);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Path fetch(String key, Checksum file) {
        Entry entry = stat(key).orElseThrow(() -> new CommandFailed(path(key) + " is missing; ingest again"));
        if (entry.bytes() != file.bytes()) {
            throw new CommandFailed(
                    "%s has %,d bytes, expected %,d; ingest again".formatted(path(key), entry.bytes(), file.bytes()));
        }
        return path(key);
    }

    @Override
    public Path put(String key, Path file) {
        try {
            LocalFiles.publish(file, path(key));
            return path(key);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void put(String key, byte[] content) {
        try {
            put(key, Files.write(scratch().resolve("content"), content));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void delete(String key) {
        try {
            if (Files.deleteIfExists(path(key))) {
                LocalFiles.sync(LocalFiles.parent(path(key)));
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Path scratch() {
        if (scratch == null) {
            try {
                scratch = Files.createTempDirectory(aside(), SCRATCH);
            } catch (IOException e) {
                throw failed(e);
            }
        }
        return scratch;
    }

    @Override
    public Path cache() {
        return aside();
    }

    @Override
    public void lock() {
        if (lock != null) {
            return;
        }
        try {
            lock = FileChannel.open(aside().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock held = lock.tryLock();
            if (held == null) {
                throw occupied();
            }
            sweep();
        } catch (OverlappingFileLockException e) {
            throw occupied();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public boolean locks() {
        return true;
    }

    /** What runs that were killed have left. */
    private void sweep() throws IOException {
        try (var leftovers = Files.newDirectoryStream(aside(), SCRATCH + "*")) {
            for (Path leftover : leftovers) {
                if (!leftover.equals(scratch)) {
                    LocalFiles.deleteTree(leftover);
                }
            }
        }
    }

    @Override
    public void close() {
        try {
            if (scratch != null) {
                LocalFiles.deleteTree(scratch);
                scratch = null;
            }
            if (lock != null) {
                lock.close();
                lock = null;
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private Path aside() {
        try {
            return Files.createDirectories(root.resolve(ASIDE));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private Path path(String key) {
        Path path = root.resolve(key).normalize();
        if (!path.startsWith(root)) {
            throw new IllegalArgumentException(key + " leads out of the store");
        }
        return path;
    }

    private String key(Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    private CommandFailed occupied() {
        return new CommandFailed("Another ingest is writing to " + root + "; try again when it has ended");
    }

    private CommandFailed failed(IOException e) {
        return LocalFiles.failed("The store " + root + " failed", e);
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
