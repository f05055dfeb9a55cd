package dev.bandit.pipeline.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What Dagster sets for a command that it starts, and what it is told. */
public final class DagsterPipes {

    private DagsterPipes() {}

    /**
     * @param messages the file that it reads
     * @param asset the one that it wants
     * @param check that the asset announces
     */
    public static Map<String, String> variables(Path messages, String asset, String check) {
        return Map.of(
                "DAGSTER_PIPES_CONTEXT",
                packed(Map.of(
                        "data",
                        Map.of(
                                "asset_keys",
                                List.of(asset),
                                "run_id",
                                "r",
                                "extras",
                                Map.of("checks", List.of(check))))),
                "DAGSTER_PIPES_MESSAGES",
                packed(Map.of("path", messages.toString())));
    }

    /** As it stands in a variable. */
    public static String packed(Object value) {
        var bytes = new ByteArrayOutputStream();
        try (var packed = new DeflaterOutputStream(bytes)) {
            packed.write(JsonMapper.shared().writeValueAsBytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    public static List<JsonNode> messages(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }
}
