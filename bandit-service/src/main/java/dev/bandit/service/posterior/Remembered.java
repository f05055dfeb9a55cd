package dev.bandit.service.posterior;

import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.store.Keys;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The two planes of remembered rewards (ADR 3) as they stand in Redis, put together for a rebuild, a chunk at a time. The codes are those of
 * {@code reward.lua}.
 */
final class Remembered {

    private static final int ONE = 1_000_000;
    private static final int LATE = 2_000_000;
    private static final int CLOSED = 0xFFFFFF;
    private static final int OPEN = -1;

    /** Which chunk of which stream. */
    record Chunk(long stream, long index) {}

    /** Receives each chunk once. */
    @FunctionalInterface
    interface Planes {
        /** @param value empty where two bits a decision tell everything */
        void chunk(Chunk chunk, byte[] seen, byte[] value);
    }

    private final Planes receiver;
    private final int[] outcomes = new int[Keys.CHUNK];
    private @Nullable Chunk current;

    Remembered(Planes receiver) {
        this.receiver = receiver;
    }

    /**
     * Takes one outcome of a decision; those of a chunk come together. Of several outcomes of a decision a reward counts before a late one, and
     * that before a closed window.
     */
    void add(UUID decision, Kind kind, int micros) {
        long counter = decision.getLeastSignificantBits();
        Chunk chunk = new Chunk(decision.getMostSignificantBits(), counter / Keys.CHUNK);
        if (!chunk.equals(current)) {
            finish();
            current = chunk;
            Arrays.fill(outcomes, OPEN);
        }
        int offset = (int) (counter % Keys.CHUNK);
        int value = switch (kind) {
            case REWARD -> micros;
            case LATE -> LATE + micros;
            case MATURED -> CLOSED;
            case DECISION, OBSERVATION -> throw new IllegalArgumentException("a " + kind + " is no outcome");
        };
        // Smaller values are the stronger ones: rewards, then late rewards, then closed windows.
        if (outcomes[offset] == OPEN || value < outcomes[offset]) {
            outcomes[offset] = value;
        }
    }

    /** Hands over the last chunk. */
    void finish() {
        if (current != null) {
            receiver.chunk(current, seen(), value());
            current = null;
        }
    }

    private static int code(int value) {
        return switch (value) {
            case OPEN -> 0;
            case 0 -> 1;
            case ONE -> 2;
            default -> 3;
        };
    }

    private byte[] seen() {
        byte[] plane = new byte[Keys.CHUNK / 4];
        int size = 0;
        for (int i = 0; i < outcomes.length; i++) {
            int code = code(outcomes[i]);
            if (code != 0) {
                plane[i / 4] |= (byte) (code << (6 - 2 * (i % 4)));
                size = i / 4 + 1;
            }
        }
        return Arrays.copyOf(plane, size);
    }

    private byte[] value() {
        byte[] plane = new byte[3 * Keys.CHUNK];
        int size = 0;
        for (int i = 0; i < outcomes.length; i++) {
            int value = outcomes[i];
            if (code(value) == 3) {
                plane[3 * i] = (byte) (value >> 16);
                plane[3 * i + 1] = (byte) (value >> 8);
                plane[3 * i + 2] = (byte) value;
                size = 3 * i + 3;
            }
        }
        return Arrays.copyOf(plane, size);
    }
}
