package dev.bandit.service.traffic;

import dev.bandit.service.traffic.Generated.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Events from a file, one a line, as they are; only their kind and key are looked at. A name that ends in .gz is unpacked. */
final class RecordedEvents implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final BufferedReader lines;
    private final Path file;
    private final Set<String> successTypes = new HashSet<>();

    RecordedEvents(Path file, Scenario scenario) {
        this.file = file;
        scenario.tests().forEach(test -> successTypes.add(test.successEvent()));
        try {
            var input = Files.newInputStream(file);
            lines = new BufferedReader(new InputStreamReader(
                    file.toString().endsWith(".gz") ? new GZIPInputStream(input) : input, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new TrafficFailed("%s: cannot be read, expected recorded events, one JSON a line".formatted(file), e);
        }
    }

    @Nullable
    Generated next() {
        try {
            var line = lines.readLine();
            while (line != null && line.isBlank()) {
                line = lines.readLine();
            }
            return line == null ? null : record(line);
        } catch (IOException e) {
            throw new TrafficFailed("%s: cannot be read on: %s".formatted(file, e.getMessage()), e);
        }
    }

    private Generated record(String line) {
        var value = line.getBytes(StandardCharsets.UTF_8);
        JsonNode event;
        try {
            event = JSON.readTree(line);
        } catch (JacksonException e) {
            return new Generated(Kind.POISON, "", value, "");
        }
        var type = event.path("event_type").asString("");
        if (type.isEmpty()) {
            return new Generated(Kind.POISON, "", value, "");
        }
        var success = successTypes.isEmpty() ? event.has("exposure_id") : successTypes.contains(type);
        return new Generated(
                success ? Kind.SUCCESS : Kind.EXPOSURE,
                event.path("user_id").asString(""),
                value,
                event.path("variant").asString(""));
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new TrafficFailed("%s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
