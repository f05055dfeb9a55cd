package dev.bandit.service.posterior;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * The identity of a reward, or an exposure, that its sender named: the first 16 bytes of SHA-256 of the name, as a UUID of version 8 (RFC 9562), which the id
 * of a decision never is.
 */
public final class NamedReward {

    private NamedReward() {}

    /** The event id of the reward with that name. */
    public static UUID eventId(String rewardId) {
        try {
            ByteBuffer digest =
                    ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(rewardId.getBytes(UTF_8)));
            long most = digest.getLong() & ~0xF000L | 0x8000L;
            long least = digest.getLong() & ~(0b11L << 62) | 0b10L << 62;
            return new UUID(most, least);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the event id is that of a named reward: a decision's counter is never negative, so its id has another variant. */
    public static boolean is(UUID eventId) {
        return eventId.getLeastSignificantBits() < 0;
    }

    /** The field it has in the hash of its period. */
    static byte[] field(UUID eventId) {
        return ByteBuffer.allocate(16)
                .putLong(eventId.getMostSignificantBits())
                .putLong(eventId.getLeastSignificantBits())
                .array();
    }
}
