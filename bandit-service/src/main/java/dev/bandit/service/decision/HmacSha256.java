package dev.bandit.service.decision;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Signatures under one key: the first half of HMAC-SHA256 (RFC 2104; section 5 allows the half).
 *
 * <p>The two digests have already taken the padded key and are only ever cloned. That is faster than a pool of
 * {@link javax.crypto.Mac}, which hashes the padded key anew for every message, and shares between threads nothing
 * that changes.
 */
final class HmacSha256 {

    static final int SIGNATURE_BYTES = 16;
    static final int MIN_SECRET_BYTES = 16;

    private static final int BLOCK_BYTES = 64;

    private final MessageDigest inner;
    private final MessageDigest outer;

    /** @throws IllegalArgumentException if the secret is shorter than {@link #MIN_SECRET_BYTES} */
    HmacSha256(byte[] secret) {
        if (secret.length < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException("the secret of the decision ids has " + secret.length
                    + " bytes, expected at least " + MIN_SECRET_BYTES);
        }
        byte[] key = secret.length > BLOCK_BYTES ? sha256().digest(secret) : secret;
        inner = keyed(key, 0x36);
        outer = keyed(key, 0x5c);
    }

    /** Writes the signature of the bytes before {@code end} behind them. */
    void sign(byte[] bytes, int end) {
        System.arraycopy(hmac(bytes, end), 0, bytes, end, SIGNATURE_BYTES);
    }

    /** Whether the bytes behind {@code end} are the signature of those before; takes the same time either way. */
    boolean signed(byte[] bytes, int end) {
        return MessageDigest.isEqual(
                Arrays.copyOf(hmac(bytes, end), SIGNATURE_BYTES),
                Arrays.copyOfRange(bytes, end, end + SIGNATURE_BYTES));
    }

    private byte[] hmac(byte[] bytes, int end) {
        MessageDigest digest = copy(inner);
        digest.update(bytes, 0, end);
        byte[] hash = digest.digest();
        digest = copy(outer);
        digest.update(hash);
        return digest.digest();
    }

    private static MessageDigest keyed(byte[] key, int pad) {
        byte[] block = Arrays.copyOf(key, BLOCK_BYTES);
        for (int i = 0; i < BLOCK_BYTES; i++) {
            block[i] ^= (byte) pad;
        }
        MessageDigest digest = sha256();
        digest.update(block);
        return digest;
    }

    private static MessageDigest copy(MessageDigest digest) {
        try {
            return (MessageDigest) digest.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the SHA-256 of this JVM cannot be cloned", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
