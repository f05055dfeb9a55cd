package dev.bandit.pipeline.store;

import dev.bandit.cli.CommandFailed;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Files as received, in a folder of the store whose manifest comes last; what stands there already is not written again. */
public final class Bronze {

    /**
     * Some files of an archive.
     *
     * @param folder where they are in it
     */
    public record Input(Archive archive, String folder) {

        Optional<Long> bytes(String name) {
            return archive.bytes(folder + name);
        }

        InputStream read(String name) throws IOException {
            return archive.read(folder + name);
        }

        String called(String name) {
            return archive.name(folder + name);
        }
    }

    private record Received(List<StoredFile> files) {}

    private final Store store;
    private final String folder;
    private final Input input;
    private final Download.Watch watch;

    /** What is on this machine, so that it need not be fetched. */
    private final Map<String, Path> local = new HashMap<>();

    /** @param folder in the store, ending with a slash */
    public Bronze(Store store, String folder, Input input, Download.Watch watch) {
        this.store = store;
        this.folder = folder;
        this.input = input;
        this.watch = watch;
    }

    /**
     * Receives these files of the input.
     *
     * @throws CommandFailed if one is missing, damaged or cut off
     */
    public List<StoredFile> receive(List<String> names) {
        String manifest = folder + Manifests.NAME;
        Optional<Received> standing = Manifests.read(store, manifest, Received.class);
        if (standing.isPresent() && isAll(standing.get(), names)) {
            return standing.get().files();
        }
        // From here to the new manifest there is none: a file that is already another one is never taken for the old.
        store.delete(manifest);
        List<StoredFile> files = new ArrayList<>();
        for (String name : names) {
            Path copy = store.scratch().resolve(name);
            Checksum checksum = copy(name, copy);
            local.put(name, store.put(folder + name, copy));
            files.add(StoredFile.of(name, checksum));
        }
        Manifests.write(store, manifest, new Received(files));
        return files;
    }

    /** Whether these are still what was received last. */
    public boolean stands(List<StoredFile> files) {
        return Manifests.read(store, folder + Manifests.NAME, Received.class)
                .filter(received -> received.files().equals(files))
                .isPresent();
    }

    /**
     * A received file on this machine; where bronze stood already, the input has the same.
     *
     * @throws CommandFailed if it has changed meanwhile
     */
    public Path local(StoredFile file) {
        return local.computeIfAbsent(file.name(), name -> {
            Path copy = store.scratch().resolve(name);
            if (!copy(name, copy).equals(file.checksum())) {
                throw new CommandFailed(input.called(name) + " has changed meanwhile; ingest again");
            }
            return copy;
        });
    }

    /** Whether what stands is what the input has now. */
    private boolean isAll(Received standing, List<String> names) {
        if (!standing.files().stream().map(StoredFile::name).toList().equals(names)) {
            return false;
        }
        return standing.files().stream()
                .allMatch(file -> input.bytes(file.name()).equals(Optional.of(file.bytes()))
                        && store.stat(folder + file.name())
                                .filter(entry -> entry.bytes() == file.bytes())
                                .isPresent()
                        && copy(file.name(), null).equals(file.checksum()));
    }

    /** Reads a file to its end, and checks a gzip file's own checksum on the way. */
    private Checksum copy(String name, @Nullable Path to) {
        String called = input.called(name);
        long size = input.bytes(name).orElseThrow(() -> new CommandFailed(called + " is missing"));
        try (var in = new Checksum.Summing(input.read(name));
                var out = to == null ? OutputStream.nullOutputStream() : Files.newOutputStream(to)) {
            var copying = new Copying(in, out, at -> watch.at(at / Math.max(size, 1), "copying " + name));
            if (name.endsWith(".gz")) {
                unpack(copying, size, called);
            }
            copying.transferTo(OutputStream.nullOutputStream());
            return in.drain(out);
        } catch (EOFException | ZipException e) {
            throw new CommandFailed("%s is damaged or cut off: %s".formatted(called, e.getMessage()), e);
        } catch (IOException e) {
            throw LocalFiles.failed("Copying %s to %s failed".formatted(called, store), e);
        }
    }

    private static void unpack(InputStream in, long packed, String called) throws IOException {
        Archive.bounded(new GZIPInputStream(in, 1 << 16), packed, called).transferTo(OutputStream.nullOutputStream());
    }

    /** Writes down what is read through it. */
    private static final class Copying extends FilterInputStream {

        private final OutputStream out;
        private final DoubleConsumer progress;
        private double bytes;

        Copying(InputStream in, OutputStream out, DoubleConsumer progress) {
            super(in);
            this.out = out;
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = in.read(buffer, offset, length);
            if (n > 0) {
                out.write(buffer, offset, n);
                bytes += n;
                progress.accept(bytes);
            }
            return n;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
