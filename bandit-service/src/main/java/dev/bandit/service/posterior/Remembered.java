package dev.bandit.service.posterior;

import dev.bandit.service.ledger.LedgerEvent.Kind;
import dev.bandit.service.store.Keys;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * The two planes of remembered rewards (ADR 3) as they stand in Redis, put together in memory for a rebuild. The codes are those of
 * {@code reward.lua}.
 */
final class Remembered {

    static final int ONE = 1_000_000;
    private static final int LATE = 2_000_000;
    private static final int CLOSED = 0xFFFFFF;

    /** Which chunk of which stream. */
    record Chunk(long stream, long index) {}

    private final Map<Chunk, int[]> values = new HashMap<>();
    private static final int OPEN = -1;

    /** Takes one outcome of a decision; of several, a reward counts before a late one, and that before a closed window. */
    void add(UUID decision, Kind kind, int micros) {
        long counter = decision.getLeastSignificantBits();
        int[] chunk = values.computeIfAbsent(
                new Chunk(decision.getMostSignificantBits(), counter / Keys.CHUNK), c -> {
                    int[] fresh = new int[Keys.CHUNK];
                    Arrays.fill(fresh, OPEN);
                    return fresh;
                });
        int offset = (int) (counter % Keys.CHUNK);
        int value = switch (kind) {
            case REWARD -> micros;
            case LATE -> LATE + micros;
            case MATURED -> CLOSED;
            case DECISION -> throw new IllegalArgumentException("a decision is no outcome");
        };
        // Smaller values are the stronger ones: rewards, then late rewards, then closed windows.
        if (chunk[offset] == OPEN || value < chunk[offset]) {
            chunk[offset] = value;
        }
    }

    /** Whether the decision has an outcome. */
    void forEachSeen(BiConsumer<Chunk, byte[]> receiver) {
        values.forEach((chunk, outcomes) -> receiver.accept(chunk, seen(outcomes)));
    }

    /** Only the chunks in which two bits do not tell everything. */
    void forEachValue(BiConsumer<Chunk, byte[]> receiver) {
        values.forEach((chunk, outcomes) -> {
            byte[] plane = value(outcomes);
            if (plane.length > 0) {
                receiver.accept(chunk, plane);
            }
        });
    }

    private static int code(int value) {
        return switch (value) {
            case OPEN -> 0;
            case 0 -> 1;
            case ONE -> 2;
            default -> 3;
        };
    }

    private static byte[] seen(int[] outcomes) {
        byte[] plane = new byte[Keys.CHUNK / 4];
        int last = 0;
        for (int i = 0; i < outcomes.length; i++) {
            int code = code(outcomes[i]);
            if (code != 0) {
                plane[i / 4] |= (byte) (code << (6 - 2 * (i % 4)));
                last = i / 4 + 1;
            }
        }
        return Arrays.copyOf(plane, last);
    }

    private static byte[] value(int[] outcomes) {
        byte[] plane = new byte[3 * Keys.CHUNK];
        int last = 0;
        for (int i = 0; i < outcomes.length; i++) {
            int value = outcomes[i];
            if (code(value) == 3) {
                plane[3 * i] = (byte) (value >> 16);
                plane[3 * i + 1] = (byte) (value >> 8);
                plane[3 * i + 2] = (byte) value;
                last = 3 * i + 3;
            }
        }
        return Arrays.copyOf(plane, last);
    }
}
