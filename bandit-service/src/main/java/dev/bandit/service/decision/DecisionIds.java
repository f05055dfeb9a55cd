package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * Signs decisions into the tokens that clients hold, and reads them back.
 *
 * <p>A token is base64url without padding of these bytes, big-endian:
 *
 * <pre>
 *   1     version, 1
 *   8     stream
 *   1-9   counter, varint
 *   6     milliseconds since 1970
 *   8     propensity, IEEE 754 double
 *   1-9   posterior version, varint
 *   1+n   experiment: length, ASCII
 *   1+n   arm: length, ASCII
 *   16    first half of the HMAC-SHA256 of all the bytes before
 * </pre>
 *
 * <p>A varint is unsigned LEB128: seven bits a byte, the lowest first, the high bit set on all but the last. A token
 * has 60 to 420 characters. There is one token for a decision under a secret: another spelling of the same bytes is
 * refused. Nothing behind the version byte is interpreted before the signature has been found good.
 *
 * <p>Safe for any number of threads, virtual ones included.
 */
public final class DecisionIds {

    /** Longest token that is looked at. */
    public static final int MAX_TOKEN_LENGTH = 512;

    /** Fewest bytes in a secret: as many as the signature has. */
    public static final int MIN_SECRET_BYTES = HmacSha256.MIN_SECRET_BYTES;

    private static final byte VERSION = 1;
    private static final int MAC_BYTES = HmacSha256.SIGNATURE_BYTES;
    private static final int FIXED_BYTES = 1 + 8 + 6 + 8 + 1 + 1 + MAC_BYTES;
    private static final int MIN_BYTES = FIXED_BYTES + 1 + 1 + 1 + 1;

    private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
    private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final HmacSha256 current;
    private final List<HmacSha256> previous;

    /**
     * @param current secret that signs, and is tried first
     * @param previous secrets whose tokens are still accepted
     * @throws IllegalArgumentException if a secret is shorter than {@link #MIN_SECRET_BYTES}
     */
    public DecisionIds(byte[] current, List<byte[]> previous) {
        this.current = new HmacSha256(current);
        this.previous = previous.stream().map(HmacSha256::new).toList();
    }

    /** The token of that decision. */
    public String encode(DecisionId id) {
        String experiment = id.experimentId();
        String arm = id.armId();
        int names = experiment.length() + arm.length();
        int numbers = varintLength(id.counter()) + varintLength(id.posteriorVersion());
        byte[] bytes = new byte[FIXED_BYTES + numbers + names];
        bytes[0] = VERSION;
        LONG.set(bytes, 1, id.stream());
        int at = putVarint(bytes, 9, id.counter());
        // Eight bytes of which the last two are overwritten by what follows.
        LONG.set(bytes, at, id.decidedAt().toEpochMilli() << 16);
        LONG.set(bytes, at + 6, Double.doubleToRawLongBits(id.propensity()));
        at = putVarint(bytes, at + 14, id.posteriorVersion());
        at = putName(bytes, at, experiment);
        at = putName(bytes, at, arm);
        current.sign(bytes, at);
        return ENCODER.encodeToString(bytes);
    }

    /**
     * The decision that {@link #encode} signed into this token.
     *
     * @throws InvalidDecisionId if it did not: malformed, truncated, forged, altered, or spelled in another way
     */
    public DecisionId decode(String token) {
        byte[] bytes = bytes(token);
        int end = bytes.length - MAC_BYTES;
        if (!signed(bytes, end)) {
            throw new InvalidDecisionId("decision_id is not one that this service signed");
        }
        Reader reader = new Reader(bytes, end);
        try {
            reader.at = 1;
            long stream = reader.eightBytes();
            long counter = reader.varint();
            long millis = reader.sixBytes();
            double propensity = Double.longBitsToDouble(reader.eightBytes());
            long posteriorVersion = reader.varint();
            String experiment = reader.name();
            String arm = reader.name();
            if (reader.at != end) {
                throw new InvalidDecisionId("decision_id has " + (end - reader.at) + " bytes too many");
            }
            return new DecisionId(
                    stream, counter, experiment, arm, Instant.ofEpochMilli(millis), propensity, posteriorVersion);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // Only the holder of the secret can get here.
            throw new InvalidDecisionId("decision_id is signed but malformed: " + e.getMessage());
        }
    }

    private static byte[] bytes(String token) {
        int length = token.length();
        if (length > MAX_TOKEN_LENGTH) {
            throw new InvalidDecisionId(
                    "decision_id has " + length + " characters, expected at most " + MAX_TOKEN_LENGTH);
        }
        byte[] bytes;
        try {
            bytes = DECODER.decode(token.getBytes(ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new InvalidDecisionId("decision_id is not base64url");
        }
        if (bytes.length == 0 || bytes[0] != VERSION) {
            throw new InvalidDecisionId("decision_id is not of version " + VERSION);
        }
        if (bytes.length < MIN_BYTES) {
            throw new InvalidDecisionId("decision_id is too short");
        }
        // The decoder takes padding, and any value in the bits that the last character has too many.
        int last = bytes[bytes.length - 1];
        boolean canonical = switch (length & 3) {
            case 0 -> token.charAt(length - 1) != '=';
            case 2 -> token.charAt(length - 1) == ALPHABET.charAt((last & 0x03) << 4);
            case 3 -> token.charAt(length - 1) == ALPHABET.charAt((last & 0x0f) << 2);
            default -> false;
        };
        if (!canonical) {
            throw new InvalidDecisionId("decision_id is not canonical base64url");
        }
        return bytes;
    }

    private boolean signed(byte[] bytes, int end) {
        if (current.signed(bytes, end)) {
            return true;
        }
        for (HmacSha256 key : previous) {
            if (key.signed(bytes, end)) {
                return true;
            }
        }
        return false;
    }

    private static int varintLength(long value) {
        return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
    }

    private static int putVarint(byte[] bytes, int at, long value) {
        int i = at;
        long rest = value;
        while (rest > 0x7f) {
            bytes[i++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[i++] = (byte) rest;
        return i;
    }

    @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) copies ASCII without an array between.
    private static int putName(byte[] bytes, int at, String name) {
        int length = name.length();
        bytes[at] = (byte) length;
        name.getBytes(0, length, bytes, at + 1);
        return at + 1 + length;
    }

    /** Reads signed bytes up to an end; past it, {@link IndexOutOfBoundsException}. */
    private static final class Reader {

        private final byte[] bytes;
        private final int end;
        private int at;

        Reader(byte[] bytes, int end) {
            this.bytes = bytes;
            this.end = end;
        }

        long eightBytes() {
            return (long) LONG.get(bytes, take(8));
        }

        long sixBytes() {
            return (long) LONG.get(bytes, take(6)) >>> 16;
        }

        long varint() {
            long value = 0;
            for (int shift = 0; shift < 63; shift += 7) {
                byte b = bytes[take(1)];
                value |= (b & 0x7fL) << shift;
                if (b == 0 && shift > 0) {
                    break;
                }
                if (b >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("a varint is too long");
        }

        String name() {
            int length = bytes[take(1)] & 0xff;
            return new String(bytes, take(length), length, ISO_8859_1);
        }

        private int take(int count) {
            int from = at;
            if (count > end - from) {
                throw new IndexOutOfBoundsException("it ends too early");
            }
            at = from + count;
            return from;
        }
    }
}
