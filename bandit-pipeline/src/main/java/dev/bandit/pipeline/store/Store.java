package dev.bandit.pipeline.store;

import dev.bandit.cli.CommandFailed;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Keeps files under keys such as {@code bandit/silver/obp/x.parquet}. A file is there whole or not at all, whenever the process
 * ends. Every method throws {@link CommandFailed}, with a sentence to show, when the store does not do what it is asked.
 */
public interface Store extends AutoCloseable {

    /** @param bytes its size */
    record Entry(String key, long bytes, Instant modified) {}

    /**
     * @param where a folder, which need not exist, or {@code s3://bucket/prefix}; S3 is told its endpoint, region and
     *     credentials by the usual variables of AWS
     */
    static Store open(String where) {
        return where.startsWith(S3Store.SCHEME) ? S3Store.open(where) : FolderStore.open(where);
    }

    /** All entries whose key begins with this, in the order of their keys. */
    List<Entry> list(String prefix);

    /** What is known about a key, or nothing if it is not there. */
    Optional<Entry> stat(String key);

    /** The content, for small ones; or nothing if it is not there. */
    Optional<byte[]> read(String key);

    /**
     * Some of the content, for large ones; an I/O error of the stream is the caller's.
     *
     * @param from how many bytes to leave out
     * @param bytes how many to read, at least 1
     * @throws CommandFailed also if it is missing
     */
    InputStream read(String key, long from, long bytes);

    /**
     * A local file with this content, to be read and not to be changed.
     *
     * @param file what it must be
     * @throws CommandFailed also if it is missing or of another size; from afar, of another checksum, too
     */
    Path fetch(String key, Checksum file);

    /**
     * Puts a file in place, in one step.
     *
     * @param file in {@link #scratch()}; from now on the store's
     * @return a local file with the content, while the store is open
     */
    Path put(String key, Path file);

    /** Puts a content in place, in one step. */
    void put(String key, byte[] content);

    /** Removes what may be there. */
    void delete(String key);

    /** A folder for unfinished work, removed on close. */
    Path scratch();

    /** A folder on this machine for what is worth keeping from one run to the next. */
    Path cache();

    /**
     * Keeps other writers away, if {@link #locks()}. Several do no harm: a file is named by its content, and put whole.
     *
     * @throws CommandFailed if there is another writer
     */
    void lock();

    /** Whether other writers can be kept away: from a folder, not from S3. */
    boolean locks();

    @Override
    void close();
}
