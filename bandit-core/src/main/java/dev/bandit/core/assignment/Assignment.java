package dev.bandit.core.assignment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Turns a unit (a user, a device) into the number that assigns it, without remembering anything.
 *
 * <p>The number is the top 53 bits of SHA-256(UTF-8(salt + '\0' + unit)), divided by 2^53. It must never change: a change
 * would move users between arms in running experiments. Experiments are independent because their salts differ.
 */
public final class Assignment {
    private static final byte SEPARATOR = 0;
    private static final double UNIT = 0x1p-53;

    private Assignment() {}

    /**
     * Thread-safe.
     *
     * @param salt what separates this experiment from the others; a salt with a NUL character could meet another one
     * @param unit the unit's name; unpaired surrogates count as '?'
     * @return a multiple of 2^-53 in [0, 1)
     */
    public static double uniform(String salt, String unit) {
        MessageDigest digest = sha256();
        digest.update(salt.getBytes(StandardCharsets.UTF_8));
        digest.update(SEPARATOR);
        byte[] hash = digest.digest(unit.getBytes(StandardCharsets.UTF_8));
        return (ByteBuffer.wrap(hash).getLong() >>> 11) * UNIT;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform must provide SHA-256", e);
        }
    }
}
