package dev.bandit.pipeline.obd;

import dev.bandit.cli.CommandFailed;
import dev.bandit.pipeline.store.LocalFiles;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** The dataset as somebody has it: a folder or a zip, with or without one folder around everything. */
abstract sealed class Source implements AutoCloseable {

    static final String ITEMS = "item_context.csv";

    /** What unpacks to more than this, and to more than so many times its size, is a trap. */
    private static final long HARMLESS = 64L << 20;

    private static final int MOST_PACKED = 400;

    /** How deep the folder around everything may be. */
    private String root = "";

    /** @throws CommandFailed if it is neither, or holds no part of the dataset */
    static Source open(Path from) {
        if (!Files.exists(from)) {
            throw new CommandFailed(from + " is not there, expected the dataset's folder or zip");
        }
        Source source = Files.isDirectory(from) ? new Folder(from) : new Zip(from);
        source.root = source.roots().stream()
                .filter(root -> Part.all().stream().anyMatch(part -> source.hasFolder(root + part.folder())))
                .findFirst()
                .orElseThrow(() -> new CommandFailed(
                        "%s holds no part of the dataset, expected folders such as random/men or bts/all"
                                .formatted(from)));
        return source;
    }

    /** The parts that are here, or should be. */
    List<Part> parts() {
        return Part.all().stream()
                .filter(part -> hasFolder(root + part.folder()))
                .toList();
    }

    /**
     * The name of a part's log.
     *
     * @throws CommandFailed if it is missing
     */
    String log(Part part) {
        String plain = part.campaign() + ".csv";
        return List.of(plain, plain + ".gz").stream()
                .filter(name -> bytes(part, name).isPresent())
                .findFirst()
                .orElseThrow(
                        () -> new CommandFailed("%s is missing, and so is %s.gz".formatted(name(part, plain), plain)));
    }

    /** The size of a file, or nothing if there is none. */
    Optional<Long> bytes(Part part, String file) {
        return bytes(root + part.folder() + file);
    }

    InputStream read(Part part, String file) throws IOException {
        return read(root + part.folder() + file);
    }

    /** A file as messages call it. */
    abstract String name(Part part, String file);

    /** Where everything may begin: here, or in one of the folders here. */
    abstract List<String> roots();

    abstract boolean hasFolder(String path);

    abstract Optional<Long> bytes(String path);

    abstract InputStream read(String path) throws IOException;

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

    private static final class Folder extends Source {

        private final Path folder;

        Folder(Path folder) {
            this.folder = folder;
        }

        @Override
        String name(Part part, String file) {
            return folder.resolve(part.folder() + file).toString();
        }

        @Override
        List<String> roots() {
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
        boolean hasFolder(String path) {
            return Files.isDirectory(folder.resolve(path));
        }

        @Override
        Optional<Long> bytes(String path) {
            Path file = folder.resolve(path);
            try {
                return Files.isRegularFile(file) ? Optional.of(Files.size(file)) : Optional.empty();
            } catch (IOException e) {
                throw LocalFiles.failed(file + " cannot be read", e);
            }
        }

        @Override
        InputStream read(String path) throws IOException {
            return Files.newInputStream(folder.resolve(path));
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private static final class Zip extends Source {

        private final Path file;
        private final ZipFile zip;
        private final Map<String, ZipEntry> entries = new HashMap<>();

        Zip(Path file) {
            this.file = file;
            try {
                zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8);
            } catch (ZipException e) {
                throw new CommandFailed("%s is no folder and no readable zip: %s".formatted(file, e.getMessage()), e);
            } catch (IOException e) {
                throw LocalFiles.failed(file + " cannot be read", e);
            }
            zip.stream().forEach(this::take);
        }

        private void take(ZipEntry entry) {
            String name = entry.getName().replace('\\', '/');
            // Nothing is unpacked by its name, yet an archive with such names is no copy of the dataset.
            if (name.startsWith("/") || List.of(name.split("/")).contains("..")) {
                close();
                throw new CommandFailed("%s is refused: its entry %s leads out of it".formatted(file, name));
            }
            if (!entry.isDirectory() && entries.put(name, entry) != null) {
                close();
                throw new CommandFailed("%s is refused: it has two entries %s".formatted(file, name));
            }
        }

        @Override
        String name(Part part, String name) {
            return part.folder() + name + " in " + file;
        }

        @Override
        List<String> roots() {
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
        boolean hasFolder(String path) {
            return entries.keySet().stream().anyMatch(name -> name.startsWith(path));
        }

        @Override
        Optional<Long> bytes(String path) {
            return Optional.ofNullable(entries.get(path)).map(ZipEntry::getSize);
        }

        @Override
        InputStream read(String path) throws IOException {
            ZipEntry entry = entries.get(path);
            if (entry == null) {
                throw new IOException(path + " is not in " + file);
            }
            return bounded(
                    new Checked(zip.getInputStream(entry), entry.getCrc()),
                    entry.getCompressedSize(),
                    path + " in " + file);
        }

        @Override
        public void close() {
            try {
                zip.close();
            } catch (IOException e) {
                throw LocalFiles.failed(file + " cannot be closed", e);
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
