package dev.bandit.pipeline.store;

import dev.bandit.cli.CommandFailed;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Files as somebody has them, by their paths: a folder, or a zip, whose entries are checked while they are read. */
public abstract sealed class Archive implements AutoCloseable {

    /** What unpacks to more than this, and to more than so many times its size, is a trap. */
    private static final long HARMLESS = 64L << 20;

    private static final int MOST_PACKED = 400;

    /**
     * @param from which exists
     * @throws CommandFailed if it is neither a folder nor a readable zip, or a zip whose entries lead out of it or repeat themselves
     */
    public static Archive open(Path from) {
        return Files.isDirectory(from) ? new Folder(from) : zip(from, from.toString());
    }

    /**
     * A zip, whatever it is called on this machine.
     *
     * @param called as messages call it
     * @throws CommandFailed likewise; if it is no readable zip, with the {@link ZipException} as the cause
     */
    public static Archive zip(Path file, String called) {
        return new Zip(file, called);
    }

    /** Where everything may begin: here (the empty text), or in one of the folders here, which end with a slash. */
    public abstract List<String> roots();

    /** The paths of all files, sorted. */
    public abstract List<String> files();

    public abstract boolean hasFolder(String path);

    /** The size of a file, or nothing if there is none. */
    public abstract Optional<Long> bytes(String path);

    /** @throws IOException also if the file is missing or, at its end, not what it was */
    public abstract InputStream read(String path) throws IOException;

    /** A file as messages call it. */
    public abstract String name(String path);

    @Override
    public abstract void close();

    /** Gives no more than an honest file would have. */
    static InputStream bounded(InputStream in, long packed, String name) {
        long most = Math.max(HARMLESS, packed * MOST_PACKED);
        return new FilterInputStream(in) {
            private long bytes;

            @Override
            public int read() throws IOException {
                int one = in.read();
                count(one < 0 ? 0 : 1);
                return one;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int n = in.read(buffer, offset, length);
                count(Math.max(n, 0));
                return n;
            }

            private void count(int n) {
                bytes += n;
                if (bytes > most) {
                    throw new CommandFailed(
                            "%s is refused: it unpacks to more than %d times its size".formatted(name, MOST_PACKED));
                }
            }
        };
    }

    private static final class Folder extends Archive {

        private final Path folder;

        Folder(Path folder) {
            this.folder = folder;
        }

        @Override
        public String name(String path) {
            return folder.resolve(path).toString();
        }

        @Override
        public List<String> roots() {
            List<String> roots = new ArrayList<>(List.of(""));
            try (var inside = Files.list(folder)) {
                inside.filter(Files::isDirectory)
                        .map(path -> path.getFileName() + "/")
                        .sorted()
                        .forEach(roots::add);
            } catch (IOException e) {
                throw LocalFiles.failed(folder + " cannot be read", e);
            }
            return roots;
        }

        @Override
        public List<String> files() {
            try (var inside = Files.walk(folder)) {
                return inside.filter(Files::isRegularFile)
                        .map(path -> folder.relativize(path).toString())
                        .sorted()
                        .toList();
            } catch (UncheckedIOException e) {
                throw LocalFiles.failed(folder + " cannot be read", Objects.requireNonNull(e.getCause()));
            } catch (IOException e) {
                throw LocalFiles.failed(folder + " cannot be read", e);
            }
        }

        @Override
        public boolean hasFolder(String path) {
            return Files.isDirectory(folder.resolve(path));
        }

        @Override
        public Optional<Long> bytes(String path) {
            Path file = folder.resolve(path);
            try {
                return Files.isRegularFile(file) ? Optional.of(Files.size(file)) : Optional.empty();
            } catch (IOException e) {
                throw LocalFiles.failed(file + " cannot be read", e);
            }
        }

        @Override
        public InputStream read(String path) throws IOException {
            return Files.newInputStream(folder.resolve(path));
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private static final class Zip extends Archive {

        private final String called;
        private final ZipFile zip;
        private final Map<String, ZipEntry> entries = new HashMap<>();

        Zip(Path file, String called) {
            this.called = called;
            try {
                zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8);
            } catch (ZipException e) {
                throw new CommandFailed("%s is no folder and no readable zip: %s".formatted(called, e.getMessage()), e);
            } catch (IOException e) {
                throw LocalFiles.failed(called + " cannot be read", e);
            }
            zip.stream().forEach(this::take);
        }

        private void take(ZipEntry entry) {
            String name = entry.getName().replace('\\', '/');
            // Nothing is unpacked by its name, yet an archive with such names is no copy of the dataset.
            if (name.startsWith("/") || List.of(name.split("/")).contains("..")) {
                close();
                throw new CommandFailed("%s is refused: its entry %s leads out of it".formatted(called, name));
            }
            if (!entry.isDirectory() && entries.put(name, entry) != null) {
                close();
                throw new CommandFailed("%s is refused: it has two entries %s".formatted(called, name));
            }
        }

        @Override
        public String name(String path) {
            return path + " in " + called;
        }

        @Override
        public List<String> roots() {
            List<String> roots = new ArrayList<>(List.of(""));
            entries.keySet().stream()
                    .filter(name -> name.contains("/"))
                    .map(name -> name.substring(0, name.indexOf('/') + 1))
                    .distinct()
                    .sorted()
                    .forEach(roots::add);
            return roots;
        }

        @Override
        public List<String> files() {
            return entries.keySet().stream().sorted().toList();
        }

        @Override
        public boolean hasFolder(String path) {
            return entries.keySet().stream().anyMatch(name -> name.startsWith(path));
        }

        @Override
        public Optional<Long> bytes(String path) {
            return Optional.ofNullable(entries.get(path)).map(ZipEntry::getSize);
        }

        @Override
        public InputStream read(String path) throws IOException {
            ZipEntry entry = entries.get(path);
            if (entry == null) {
                throw new IOException(path + " is not in " + called);
            }
            return bounded(
                    new Checked(zip.getInputStream(entry), entry.getCrc()), entry.getCompressedSize(), name(path));
        }

        @Override
        public void close() {
            try {
                zip.close();
            } catch (IOException e) {
                throw LocalFiles.failed(called + " cannot be closed", e);
            }
        }
    }

    /** Compares an entry with its checksum, which the JDK leaves to its readers. */
    private static final class Checked extends CheckedInputStream {

        private final long expected;

        Checked(InputStream in, long expected) {
            super(in, new CRC32());
            this.expected = expected;
        }

        @Override
        public int read() throws IOException {
            return checked(super.read());
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return checked(super.read(buffer, offset, length));
        }

        private int checked(int read) throws ZipException {
            if (read < 0 && getChecksum().getValue() != expected) {
                throw new ZipException("its checksum is wrong");
            }
            return read;
        }
    }
}
