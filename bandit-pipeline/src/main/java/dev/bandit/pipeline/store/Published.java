package dev.bandit.pipeline.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A folder of the store that readers see through its manifest. Files are named by their content: whoever reads by an older manifest keeps
 * what that names.
 *
 * @param folder ending with a slash
 */
public record Published(Store store, String folder) {

    /** How old what no manifest names must be before it is removed where other writers are not kept away. */
    private static final Duration ABANDONED = Duration.ofDays(1);

    /**
     * Puts a file in place, before the manifest that names it.
     *
     * @param file in {@link Store#scratch}; from now on the store's
     */
    public StoredFile put(String name, String ending, Path file) throws IOException {
        Checksum checksum = Checksum.of(file);
        StoredFile stored = StoredFile.of(name + "-" + checksum.brief() + ending, checksum);
        store.put(folder + stored.name(), file);
        return stored;
    }

    /** Puts the manifest in place, which makes everything that it names visible. */
    public void publish(Object manifest) {
        Manifests.write(store, folder + Manifests.NAME, manifest);
    }

    /** A file of it on this machine. */
    public Path fetch(StoredFile file) {
        return store.fetch(folder + file.name(), file.checksum());
    }

    /** Takes a file away again, unless it is one of those that readers see. */
    public void discard(StoredFile file, List<StoredFile> named) {
        if (named.stream().noneMatch(other -> other.name().equals(file.name()))) {
            store.delete(folder + file.name());
        }
    }

    /** Whether all of these are there. */
    public boolean holds(List<StoredFile> files) {
        return files.stream()
                .allMatch(file -> store.stat(folder + file.name())
                        .filter(entry -> entry.bytes() == file.bytes())
                        .isPresent());
    }

    /** Removes what killed runs left, and what the manifest before the one that stands named. */
    public void sweep(List<StoredFile> named) {
        Set<String> kept = new HashSet<>(Set.of(folder + Manifests.NAME));
        named.forEach(file -> kept.add(folder + file.name()));
        Instant before = store.locks() ? Instant.MAX : Instant.now().minus(ABANDONED);
        for (var entry : store.list(folder)) {
            if (!kept.contains(entry.key()) && entry.modified().isBefore(before)) {
                store.delete(entry.key());
            }
        }
    }
}
