package dev.bandit.pipeline.mlflow;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** What makes two runs the same run: the command, its settings, and the data it works on. */
public final class RunKey {

    private RunKey() {}

    /**
     * @param settings everything that changes the numbers; their order does not matter
     * @param data what the data are known by, such as the checksum of a manifest
     * @return 64 hexadecimal digits
     */
    public static String of(String command, Map<String, String> settings, String data) {
        MessageDigest digest = sha256();
        add(digest, command);
        new TreeMap<>(settings).forEach((name, value) -> {
            add(digest, name);
            add(digest, value);
        });
        add(digest, data);
        return HexFormat.of().formatHex(digest.digest());
    }

    static String digest(String text) {
        return HexFormat.of().formatHex(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** With its length, so that no two lists of texts give the same bytes. */
    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JDK has SHA-256", e);
        }
    }
}
