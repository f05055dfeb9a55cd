package dev.bandit.service.decision;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionIdsTest {

    private static final byte[] SECRET = sequence(32);
    private static final byte[] OTHER_SECRET = "another secret, just as long".getBytes(UTF_8);
    private static final DecisionId ID = new DecisionId(
            0xfedcba9876543210L,
            123_456_789,
            "button-color-test",
            "treatment",
            Instant.ofEpochMilli(1_767_225_600_123L),
            0.3125,
            4711);

    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{60,420}");

    private final DecisionIds ids = new DecisionIds(SECRET, List.of());

    @Nested
    class Format {

        /** Computed with Python's hmac, struct and base64; a change here makes every id in clients' hands worthless. */
        static Stream<Arguments> vectors() {
            return Stream.of(
                    Arguments.of(
                            SECRET,
                            new DecisionId(
                                    0x0123456789abcdefL, 0, "button-color-test", "control", Instant.EPOCH, 1.0, 0),
                            "AQEjRWeJq83vAAAAAAAAAD_wAAAAAAAAABFidXR0b24tY29sb3ItdGVzdAdjb250cm9sLCqqb8tSLdqJoi3E"
                                    + "bnVCWA"),
                    Arguments.of(
                            SECRET,
                            ID,
                            "Af7cuph2VDIQlZrvOgGbdtqoez_UAAAAAAAA5yQRYnV0dG9uLWNvbG9yLXRlc3QJdHJlYXRtZW507xOLluNo"
                                    + "0Z_yeHByZ_bg_g"),
                    Arguments.of(
                            "k".repeat(80).getBytes(UTF_8),
                            new DecisionId(
                                    -1,
                                    Long.MAX_VALUE,
                                    "e",
                                    "a",
                                    Instant.ofEpochMilli((1L << 48) - 1),
                                    Double.MIN_VALUE,
                                    Long.MAX_VALUE),
                            "Af____________________9_________AAAAAAAAAAH__________38BZQFhha2km4xdUxa8tzHRqeDN5g"));
        }

        @ParameterizedTest
        @MethodSource("vectors")
        void is_pinned(byte[] secret, DecisionId id, String token) {
            DecisionIds pinned = new DecisionIds(secret, List.of());

            assertThat(pinned.encode(id)).isEqualTo(token);
            assertThat(pinned.decode(token)).isEqualTo(id);
        }

        @Test
        void random_ids_come_back_as_they_went() {
            SplittableRandom random = new SplittableRandom(20_260_101);
            Set<String> tokens = new HashSet<>();
            for (int i = 0; i < 20_000; i++) {
                DecisionId id = random(random);

                String token = ids.encode(id);

                assertThat(ids.decode(token)).isEqualTo(id);
                assertThat(token).matches(TOKEN);
                assertThat(tokens.add(token)).isTrue();
            }
        }

        @Test
        void varints_of_every_length_come_back() {
            for (int bits = 0; bits < 63; bits++) {
                for (long value : new long[] {(1L << bits) - 1, 1L << bits}) {
                    DecisionId id = new DecisionId(1, value, "e", "a", Instant.EPOCH, 0.5, value);

                    assertThat(ids.decode(ids.encode(id))).isEqualTo(id);
                }
            }
        }

        @Test
        void the_longest_id_fits_the_limit() {
            DecisionId longest = new DecisionId(
                    -1,
                    Long.MAX_VALUE,
                    "e".repeat(128),
                    "a".repeat(128),
                    Instant.ofEpochMilli((1L << 48) - 1),
                    1,
                    Long.MAX_VALUE);

            String token = ids.encode(longest);

            assertThat(token).hasSize(420);
            assertThat(ids.decode(token)).isEqualTo(longest);
        }
    }

    @Nested
    class Refused {

        @Test
        void is_every_token_with_one_bit_flipped() {
            byte[] token = ids.encode(ID).getBytes(ISO_8859_1);
            for (int bit = 0; bit < token.length * 8; bit++) {
                byte[] flipped = token.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);

                refuses(new String(flipped, ISO_8859_1));
            }
        }

        @Test
        void is_every_token_of_which_one_byte_was_changed_before_encoding() {
            byte[] bytes = Base64.getUrlDecoder().decode(ids.encode(ID));
            for (int i = 0; i < bytes.length; i++) {
                for (int change = 1; change < 256; change++) {
                    byte[] changed = bytes.clone();
                    changed[i] ^= (byte) change;

                    refuses(base64(changed));
                }
            }
        }

        @Test
        void is_every_truncated_token() {
            String token = ids.encode(ID);
            for (int length = 0; length < token.length(); length++) {
                refuses(token.substring(0, length));
                refuses(token.substring(token.length() - length));
            }
        }

        @Test
        void is_a_token_with_anything_added() {
            String token = ids.encode(ID);
            for (int c = 0; c < 256; c++) {
                refuses(token + (char) c);
                refuses((char) c + token);
            }
        }

        @Test
        void is_another_spelling_of_the_same_bytes() {
            for (String arm : List.of("a", "ab", "abc")) {
                String token = ids.encode(new DecisionId(1, 1, "experiment", arm, Instant.EPOCH, 0.5, 1));
                byte[] bytes = Base64.getUrlDecoder().decode(token);
                int spellings = 0;
                for (char c : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".toCharArray()) {
                    String spelling = token.substring(0, token.length() - 1) + c;
                    if (Arrays.equals(Base64.getUrlDecoder().decode(spelling), bytes) && !spelling.equals(token)) {
                        refuses(spelling);
                        spellings++;
                    }
                }
                assertThat(spellings).isEqualTo(otherSpellings(token));
                refuses(token + "=".repeat(-token.length() & 3) + (token.length() % 4 == 0 ? "=" : ""));
                refuses(token + "\n");
                refuses(" " + token);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "=", "====", "AQ", "AQ==", "not a token", "décision", "\u0000", "决定"})
        void is_what_never_was_a_token(String token) {
            refuses(token);
        }

        @Test
        void is_a_token_of_another_secret() {
            refuses(new DecisionIds(OTHER_SECRET, List.of()).encode(ID));
        }

        @Test
        void is_an_overlong_token_before_anything_is_decoded() {
            assertThatThrownBy(() -> ids.decode("!".repeat(513)))
                    .isInstanceOf(InvalidDecisionId.class)
                    .hasMessage("decision_id has 513 characters, expected at most 512");
            assertThatThrownBy(() -> ids.decode("!".repeat(512))).hasMessage("decision_id is not base64url");
        }

        @Test
        void is_another_version_even_if_signed() {
            byte[] body = body();
            body[0] = 2;

            assertThatThrownBy(() -> ids.decode(signed(body)))
                    .isInstanceOf(InvalidDecisionId.class)
                    .hasMessage("decision_id is not of version 1");
        }

        @Test
        void are_signed_bytes_that_encode_would_not_have_made() {
            byte[] body = body();
            assertThat(ids.decode(signed(body))).isEqualTo(ID);

            refuses(signed(Arrays.copyOf(body, body.length + 1)));
            IntStream.range(0, body.length).forEach(length -> refuses(signed(Arrays.copyOf(body, length))));
            refuses(signed(with(body, 19, 0x80))); // a negative propensity
            refuses(signed(with(body, 19, 0x7f))); // one of more than 1
            refuses(signed(with(body, 28, 0xff))); // a varint that goes on into the names
            refuses(signed(with(body, 29, 0xff))); // a name that goes on into the signature
            refuses(signed(with(body, 29, 0))); // an empty name
            byte[] zeroes = new byte[body.length + 1]; // a varint with a needless zero behind it
            System.arraycopy(body, 0, zeroes, 0, 13);
            zeroes[12] |= (byte) 0x80;
            System.arraycopy(body, 13, zeroes, 14, body.length - 13);
            refuses(signed(zeroes));
            refuses(signed(with(body, body.length - 1, 0x80)));
        }

        private static int otherSpellings(String token) {
            return switch (token.length() % 4) {
                case 2 -> 15;
                case 3 -> 3;
                default -> 0;
            };
        }

        private byte[] body() {
            byte[] bytes = Base64.getUrlDecoder().decode(ids.encode(ID));
            return Arrays.copyOf(bytes, bytes.length - 16);
        }

        private void refuses(String token) {
            assertThatThrownBy(() -> ids.decode(token))
                    .isInstanceOf(InvalidDecisionId.class)
                    .hasMessageStartingWith("decision_id ");
        }
    }

    @Nested
    class Secrets {

        @Test
        void previous_ones_are_accepted_and_the_current_one_signs() {
            DecisionIds rotated = new DecisionIds(OTHER_SECRET, List.of(sequence(20), SECRET));

            assertThat(rotated.decode(ids.encode(ID))).isEqualTo(ID);
            assertThat(rotated.encode(ID)).isEqualTo(new DecisionIds(OTHER_SECRET, List.of()).encode(ID));
        }

        @Test
        void of_any_length_sign_as_the_hmac_of_the_platform_does() throws Exception {
            for (int length = 16; length <= 130; length++) {
                byte[] secret = sequence(length);
                byte[] bytes = Base64.getUrlDecoder().decode(new DecisionIds(secret, List.of()).encode(ID));
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(secret, "HmacSHA256"));
                mac.update(bytes, 0, bytes.length - 16);

                assertThat(Arrays.copyOfRange(bytes, bytes.length - 16, bytes.length))
                        .isEqualTo(Arrays.copyOf(mac.doFinal(), 16));
            }
        }

        @Test
        void that_are_short_are_refused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new DecisionIds(sequence(15), List.of()))
                    .withMessage("the secret of the decision ids has 15 bytes, expected at least 16");
            assertThatIllegalArgumentException().isThrownBy(() -> new DecisionIds(SECRET, List.of(new byte[0])));
        }

        @Test
        void sign_alike_in_many_threads() throws Exception {
            String token = ids.encode(ID);
            Set<String> wrong = ConcurrentHashMap.newKeySet();
            List<Thread> threads = IntStream.range(0, 64)
                    .mapToObj(thread -> Thread.startVirtualThread(() -> {
                        for (int i = 0; i < 500; i++) {
                            String mine = ids.encode(ID);
                            if (!mine.equals(token) || !ids.decode(mine).equals(ID)) {
                                wrong.add(mine);
                            }
                        }
                    }))
                    .toList();
            for (Thread thread : threads) {
                thread.join();
            }

            assertThat(wrong).isEmpty();
        }
    }

    private static DecisionId random(SplittableRandom random) {
        return new DecisionId(
                random.nextLong(),
                random.nextLong() >>> random.nextInt(1, 64),
                name(random),
                name(random),
                Instant.ofEpochMilli(random.nextLong(1L << 48)),
                1 - random.nextDouble(),
                random.nextLong() >>> random.nextInt(1, 64));
    }

    private static String name(SplittableRandom random) {
        return random.ints(random.nextInt(1, 129), ' ', '~' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String signed(byte[] body) {
        byte[] token = Arrays.copyOf(body, body.length + 16);
        new HmacSha256(SECRET).sign(token, body.length);
        return base64(token);
    }

    private static byte[] with(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }

    private static byte[] sequence(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
