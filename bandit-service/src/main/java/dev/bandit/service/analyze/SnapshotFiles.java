package dev.bandit.service.analyze;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file of snapshots, or a folder of such files: CSV with a header (what the csv sink writes, and {@code COPY … HEADER}), or a
 * DynamoDB export, one {@code {"Item": …}} a line. Either may be gzipped. What a file is shows in its first bytes.
 */
final class SnapshotFiles implements SnapshotSource {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int GZIP_MAGIC = 0x1f8b;
    private static final int LOOK_AHEAD = 8192;

    /** An export's own notes (manifest-summary.json, manifest-files.json) lie beside its data. */
    private static final Pattern DATA = Pattern.compile("(?!manifest-).+\\.(csv|json|jsonl|ndjson)(\\.gz)?");

    private final Path path;

    SnapshotFiles(Path path) {
        this.path = path;
    }

    @Override
    public boolean inOrder() {
        return true;
    }

    @Override
    public String toString() {
        return path.toString();
    }

    @Override
    public void read(Consumer<Snapshot> each) {
        for (var file : files()) {
            try {
                readFile(file, each);
            } catch (CharacterCodingException e) {
                throw new AnalysisFailed("%s: is no UTF-8 text, expected CSV or JSON lines".formatted(file), e);
            } catch (ZipException e) {
                throw new AnalysisFailed("%s: is damaged (%s)".formatted(file, e.getMessage()), e);
            } catch (EOFException e) {
                throw new AnalysisFailed("%s: is cut off in the middle, expected a whole file".formatted(file), e);
            } catch (IOException e) {
                throw new AnalysisFailed("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
            }
        }
    }

    private List<Path> files() {
        if (Files.isRegularFile(path)) {
            return List.of(path);
        }
        if (!Files.isDirectory(path)) {
            throw new AnalysisFailed("%s: %s, expected a file or a folder of snapshots"
                    .formatted(path, Files.exists(path) ? "is no file" : "does not exist"));
        }
        try (var below = Files.walk(path)) {
            var files = below.filter(Files::isRegularFile)
                    .filter(file ->
                            DATA.matcher(String.valueOf(file.getFileName())).matches())
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw new AnalysisFailed(
                        "%s: has no snapshots, expected .csv, .json, .jsonl or .ndjson files (or .gz)".formatted(path));
            }
            return files;
        } catch (IOException | UncheckedIOException e) {
            throw new AnalysisFailed("%s: cannot be read: %s".formatted(path, e.getMessage()), e);
        }
    }

    private static void readFile(Path file, Consumer<Snapshot> each) throws IOException {
        try (var input = plain(new BufferedInputStream(Files.newInputStream(file)));
                // Unlike a plain InputStreamReader, the decoder refuses what is no text.
                var text = new BufferedReader(
                        new InputStreamReader(input, StandardCharsets.UTF_8.newDecoder()), LOOK_AHEAD)) {
            switch (firstCharacter(text)) {
                case -1 -> throw AnalysisFailed.at(file, 1, "is empty, expected a CSV header or JSON lines");
                case '{' -> readItems(file, text, each);
                default -> readCsv(file, text, each);
            }
        }
    }

    private static InputStream plain(InputStream input) throws IOException {
        input.mark(2);
        int magic = input.read() << 8 | input.read();
        input.reset();
        return magic == GZIP_MAGIC ? new GZIPInputStream(input) : input;
    }

    /** The first that is no white space, without taking it. */
    private static int firstCharacter(BufferedReader text) throws IOException {
        text.mark(LOOK_AHEAD);
        int character;
        int seen = 0;
        do {
            character = text.read();
        } while (character != -1 && Character.isWhitespace(character) && ++seen < LOOK_AHEAD);
        text.reset();
        return character;
    }

    private static void readCsv(Path file, BufferedReader text, Consumer<Snapshot> each) throws IOException {
        try {
            readRows(file, text, each);
        } catch (CsvParseException e) {
            throw new AnalysisFailed("%s: is no CSV: %s".formatted(file, e.getMessage()), e);
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    private static void readRows(Path file, BufferedReader text, Consumer<Snapshot> each) {
        CsvRecord header = null;
        var columns = new HashMap<String, Integer>();
        // The text is the caller's to close. A row of another length is told below, with its line.
        for (var row : CsvReader.builder()
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .ofCsvRecord(text)) {
            if (header == null) {
                header = row;
                columns(file, header, columns);
                continue;
            }
            if (row.getFieldCount() != header.getFieldCount()) {
                throw AnalysisFailed.at(
                        file,
                        row.getStartingLineNumber(),
                        "has %d fields, expected %d as in the header"
                                .formatted(row.getFieldCount(), header.getFieldCount()));
            }
            each.accept(snapshot(
                    file,
                    row.getStartingLineNumber(),
                    name -> row.getField(Objects.requireNonNull(columns.get(name)))));
        }
    }

    private static void columns(Path file, CsvRecord header, Map<String, Integer> columns) {
        for (int i = 0; i < header.getFieldCount(); i++) {
            var name = header.getField(i).strip().replaceFirst("^\ufeff", "");
            if (columns.put(name, i) != null) {
                throw AnalysisFailed.at(
                        file,
                        header.getStartingLineNumber(),
                        "has the column %s twice, expected it once".formatted(name));
            }
        }
        var missing = SnapshotFields.NAMES.stream()
                .filter(name -> !columns.containsKey(name))
                .toList();
        if (!missing.isEmpty()) {
            throw AnalysisFailed.at(
                    file,
                    header.getStartingLineNumber(),
                    "has no column %s, expected a header with %s"
                            .formatted(String.join(", ", missing), String.join(", ", SnapshotFields.NAMES)));
        }
    }

    private static void readItems(Path file, BufferedReader text, Consumer<Snapshot> each) throws IOException {
        long number = 0;
        for (var line = text.readLine(); line != null; line = text.readLine()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            JsonNode item;
            try {
                item = JSON.readTree(line).path("Item");
            } catch (JacksonException e) {
                throw AnalysisFailed.at(
                        file,
                        number,
                        "is no JSON (%s), expected {\"Item\": {…}} on one line".formatted(e.getOriginalMessage()));
            }
            if (!item.isObject()) {
                throw AnalysisFailed.at(file, number, "has no Item, expected {\"Item\": {…}} on one line");
            }
            each.accept(snapshot(file, number, SnapshotFields.ofItem(name -> attribute(item, name))));
        }
    }

    /** {@code {"S": "text"}} or {@code {"N": "1"}}. */
    private static @Nullable String attribute(JsonNode item, String name) {
        var attribute = item.path(name);
        return attribute.isMissingNode()
                ? null
                : attribute.path("S").asString(attribute.path("N").asString(""));
    }

    private static Snapshot snapshot(Path file, long line, Function<String, @Nullable String> text) {
        try {
            return SnapshotFields.snapshot(text);
        } catch (SnapshotFields.Wrong e) {
            throw AnalysisFailed.at(file, line, String.valueOf(e.getMessage()));
        }
    }
}
