package dev.bandit.pipeline.store;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a content is known by.
 *
 * @param bytes its size
 * @param sha256 in lower-case hexadecimal digits
 */
public record Checksum(long bytes, String sha256) implements Serializable {

    private static final int BUFFER = 1 << 18;

    /** Of a file. */
    public static Checksum of(Path file) throws IOException {
        try (var in = new Summing(Files.newInputStream(file))) {
            return in.drain();
        }
    }

    /** Of a text in UTF-8. */
    public static Checksum of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new Checksum(bytes.length, hex(newDigest().digest(bytes)));
    }

    /** The beginning, where a name only has to differ from others. */
    public String brief() {
        return sha256.substring(0, 16);
    }

    /** Sums up what is read through it. */
    public static final class Summing extends FilterInputStream {

        private final MessageDigest digest = newDigest();
        private long bytes;

        public Summing(InputStream in) {
            super(in);
        }

        /** How much has been read. */
        public long bytes() {
            return bytes;
        }

        /** Reads the rest. */
        public Checksum drain() throws IOException {
            return drain(OutputStream.nullOutputStream());
        }

        /** Writes the rest. */
        public Checksum drain(OutputStream out) throws IOException {
            byte[] buffer = new byte[BUFFER];
            for (int n = read(buffer); n >= 0; n = read(buffer)) {
                out.write(buffer, 0, n);
            }
            return new Checksum(bytes, hex(digest.digest()));
        }

        @Override
        public int read() throws IOException {
            int one = in.read();
            if (one >= 0) {
                digest.update((byte) one);
                bytes++;
            }
            return one;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int n = in.read(buffer, offset, length);
            if (n > 0) {
                digest.update(buffer, offset, n);
                bytes += n;
            }
            return n;
        }

        @Override
        public long skip(long n) throws IOException {
            // What is skipped counts as well.
            return readNBytes((int) Math.min(n, BUFFER)).length;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(byte[] digest) {
        return HexFormat.of().formatHex(digest);
    }
}
