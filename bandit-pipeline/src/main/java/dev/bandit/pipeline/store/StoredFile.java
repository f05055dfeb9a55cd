package dev.bandit.pipeline.store;

import java.io.Serializable;

/**
 * A file that a manifest names, in the manifest's folder.
 *
 * @param bytes its size
 * @param sha256 in hexadecimal digits
 */
public record StoredFile(String name, long bytes, String sha256) implements Serializable {

    static StoredFile of(String name, Checksum checksum) {
        return new StoredFile(name, checksum.bytes(), checksum.sha256());
    }

    public Checksum checksum() {
        return new Checksum(bytes, sha256);
    }
}
