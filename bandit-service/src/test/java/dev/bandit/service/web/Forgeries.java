package dev.bandit.service.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Random;

/** Decision ids that the service never made, made from some that it did. */
final class Forgeries {

    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private final Random random;
    private final List<String> genuine;

    Forgeries(Random random, List<String> genuine) {
        this.random = random;
        this.genuine = genuine;
    }

    Malformed next() {
        String id = forged();
        if (random.nextBoolean()) {
            byte[] body = ("{\"decision_id\":\"" + id + "\",\"reward\":1}").getBytes(UTF_8);
            return new Malformed(
                    "forged " + id,
                    RawHttp.request("POST", "/reward", body, "Content-Type: application/json"),
                    "decision_id",
                    false);
        }
        byte[] body = ("{\"rewards\":[{\"decision_id\":\"" + id + "\"}]}").getBytes(UTF_8);
        return new Malformed(
                "forged " + id,
                RawHttp.request("POST", "/reward/batch", body, "Content-Type: application/json"),
                null,
                true);
    }

    private String forged() {
        String id = genuine.get(random.nextInt(genuine.size()));
        String other = genuine.get(random.nextInt(genuine.size()));
        int at = random.nextInt(id.length());
        String forged = switch (random.nextInt(9)) {
            case 0, 1, 2 -> id.substring(0, at) + ALPHABET.charAt(random.nextInt(64)) + id.substring(at + 1);
            case 3 -> id.substring(0, at);
            case 4 -> id.substring(at);
            case 5 -> id + ALPHABET.charAt(random.nextInt(64));
            case 6 -> id.substring(0, at) + other.substring(Math.min(at, other.length()));
            case 7 -> id + "=".repeat(1 + random.nextInt(3));
            default ->
                random.ints(random.nextInt(600), 0, 64)
                        .collect(StringBuilder::new, (s, c) -> s.append(ALPHABET.charAt(c)), StringBuilder::append)
                        .toString();
        };
        return genuine.contains(forged) ? id + "A" : forged;
    }
}
