package dev.bandit.service.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The scripts, read from {@code /lua}; what each takes and gives is said at its head. */
public enum Script {
    REWARD("reward"),
    DECISIONS("decisions"),
    ARMS("arms"),
    STICKY("sticky"),
    STATE("state"),
    RESTORE("restore");

    private final String source;
    private final String sha1;

    Script(String name) {
        try (InputStream in = Script.class.getResourceAsStream("/lua/" + name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("/lua/" + name + ".lua is missing from the class path");
            }
            byte[] bytes = in.readAllBytes();
            source = new String(bytes, StandardCharsets.UTF_8);
            sha1 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    String source() {
        return source;
    }

    String sha1() {
        return sha1;
    }
}
