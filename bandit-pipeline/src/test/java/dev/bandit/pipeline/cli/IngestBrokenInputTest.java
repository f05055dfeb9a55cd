package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.pipeline.testing.Dataset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Faults of a whole file, which refuse it, and faults of a row, which reject that. */
class IngestBrokenInputTest {

    private static final int ROWS = 1_000;

    @FunctionalInterface
    private interface Fault {
        void in(Path folder) throws IOException;
    }

    @TempDir
    private Path folder;

    private Path data;
    private Path store;

    @BeforeEach
    void data() {
        data = Dataset.made(folder.resolve("data"), ROWS, false);
        store = folder.resolve("store");
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                refused("no log", in -> Files.delete(log(in)), "men.csv is missing"),
                refused("an empty log", in -> Files.writeString(log(in), ""), "men.csv is empty"),
                refused("no rows", in -> lines(in, all -> all.subList(0, 1)), "men.csv has no rows"),
                refused("blank lines only", in -> lines(in, all -> List.of(all.getFirst(), "", "")), "has no rows"),
                refused("no header", in -> lines(in, all -> all.subList(1, all.size())), "line 1", "column 1"),
                refused("a renamed column", in -> header(in, "item_id", "item"), "line 1", "\"item\"", "\"item_id\""),
                refused(
                        "a missing column",
                        in -> header(in, ",click", ""),
                        "line 1",
                        "\"propensity_score\"",
                        "\"click\""),
                refused("an extra column", in -> header(in, ",click", ",age,click"), "line 1", "\"age\"", "\"click\""),
                refused("no affinities", in -> header(in, ",user-item.*", ""), "line 1", "user-item_affinity_0"),
                refused("affinities in disorder", in -> header(in, "affinity_5", "affinity_7"), "user-item_affinity_5"),
                refused("more columns at the end", in -> header(in, "$", ",note"), "\"note\""),
                refused("UTF-16", IngestBrokenInputTest::utf16, "line 1 is not UTF-8"),
                refused(
                        "an endless line",
                        in -> Files.writeString(log(in), "x".repeat(3 << 20)),
                        "line 1 has more than"),
                refused("a header with an open quote", in -> header(in, "click", "\"click"), "quotation mark"),
                refused("a cut off gzip", in -> gzip(in, bytes -> Arrays.copyOf(bytes, bytes.length / 2)), "cut off"),
                refused("a gzip with a wrong checksum", in -> gzip(in, IngestBrokenInputTest::flipped), "damaged"),
                refused("no gzip", in -> Files.move(log(in), Path.of(log(in) + ".gz")), "damaged"),
                refused("a gzip that explodes", IngestBrokenInputTest::bomb, "more than 400 times its size"),
                refused("a folder as the log", IngestBrokenInputTest::directory, "men.csv is missing"),
                refused("a log that links to itself", IngestBrokenInputTest::loop, "men.csv is missing"),
                refused("no items", in -> Files.delete(items(in)), "item_context.csv is missing"),
                refused("empty items", in -> Files.writeString(items(in), ""), "item_context.csv is empty"),
                refused("fewer items", in -> item(in, 33, null), "34 affinities", "33 items"),
                refused("an item twice", in -> item(in, 3, "3,2,0.5,a,b,c"), "line 5", "item_id 2", "second time"),
                refused("an item left out", in -> item(in, 3, null), "ids up to 33", "expected 0 to 32"),
                refused("an item without number", in -> item(in, 3, "3,x,0.5,a,b,c"), "line 5", "\"x\""),
                refused("an item feature that is none", in -> item(in, 3, "3,3,?,a,b,c"), "line 5", "item_feature_0"),
                refused("an item of few fields", in -> item(in, 3, "3,3,0.5"), "line 5", "3 fields"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void what_refuses_a_file(String name, Fault fault, List<String> expected) throws IOException {
        fault.in(data);

        Run run = Run.of("ingest", "--from", data, "--store", store, "--behavior", "bts");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains(expected).doesNotContain("Exception", "\tat ");
        assertThat(run.err().strip()).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertNothingVisible();
    }

    static Stream<Arguments> rejected() {
        return Stream.of(
                rejected("a propensity of 0", field(5, "0"), "propensity_score is not above 0 and at most 1"),
                rejected(
                        "a propensity above 1", field(5, "1.0000001"), "propensity_score is not above 0 and at most 1"),
                rejected(
                        "a propensity that is no number",
                        field(5, "NaN"),
                        "propensity_score is not above 0 and at most 1"),
                rejected("a negative propensity", field(5, "-0.5"), "propensity_score is not above 0 and at most 1"),
                rejected("no propensity", field(5, ""), "propensity_score is not above 0 and at most 1"),
                rejected("a propensity in words", field(5, "often"), "propensity_score is not above 0 and at most 1"),
                rejected("two clicks", field(4, "2"), "click is not 0 or 1"),
                rejected("half a click", field(4, "0.5"), "click is not 0 or 1"),
                rejected("no click", field(4, ""), "click is not 0 or 1"),
                rejected("position 0", field(3, "0"), "position is not 1, 2 or 3"),
                rejected("position 4", field(3, "4"), "position is not 1, 2 or 3"),
                rejected("position 1.5", field(3, "1.5"), "position is not 1, 2 or 3"),
                rejected("an unknown item", field(2, "34"), "item_id is not in the item context"),
                rejected("a negative item", field(2, "-1"), "item_id is not in the item context"),
                rejected(
                        "an item beyond numbers",
                        field(2, "99999999999999999999"),
                        "item_id is not in the item context"),
                rejected("a timestamp in words", field(1, "yesterday"), "timestamp is missing or unreadable"),
                rejected("no such day", field(1, "2019-02-30 00:00:00+00:00"), "timestamp is missing or unreadable"),
                rejected("the end of time", field(1, "infinity"), "timestamp is missing or unreadable"),
                rejected("no timestamp", field(1, ""), "timestamp is missing or unreadable"),
                rejected("no index", field(0, ""), "index is no whole number"),
                rejected("half an index", field(0, "7.5"), "index is no whole number"),
                rejected("a negative index", field(0, "-7"), "index is no whole number"),
                rejected("an index twice", field(0, "3"), "index for the second time"),
                rejected("an infinite affinity", field(12, "inf"), "affinity is not a finite number"),
                rejected("an affinity in words", field(12, "high"), "affinity is not a finite number"),
                rejected("a field too few", row -> row.substring(0, row.lastIndexOf(',')), "wrong number of fields"),
                rejected("a field too many", row -> row + ",1", "wrong number of fields"),
                rejected("half a row", row -> row.substring(0, row.length() / 2), "wrong number of fields"),
                rejected("an open quote", field(6, "\"abc"), "quotation mark out of place"),
                rejected("text after a quote", field(6, "\"a\"bc"), "quotation mark out of place"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rejected")
    void what_rejects_a_row(String name, UnaryOperator<String> fault, String reason) throws IOException {
        int line = 500;
        lines(data, all -> {
            all.set(line - 1, fault.apply(all.get(line - 1)));
            return all;
        });

        JsonNode part = ingested();

        assertThat(part.path("rows").asInt()).isEqualTo(ROWS - 1);
        assertThat(part.path("rejected").asInt()).isEqualTo(1);
        assertThat(part.path("reasons").toString()).isEqualTo("{\"" + reason + "\":1}");
        List<String> rejected = Files.readAllLines(rejectedRows());
        assertThat(rejected).hasSize(2);
        assertThat(rejected.getFirst()).isEqualTo("file,line,reason,record");
        // "position is not 1, 2 or 3" has a comma, as records have.
        assertThat(rejected.get(1)).startsWith("\"bts/men/men.csv\",500,\"" + reason + "\",\"");
    }

    @Test
    void bytes_that_are_no_utf8_reject_their_row() throws IOException {
        byte[] bytes = Files.readAllBytes(log(data));
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\n499,");
        bytes[at + 80] = (byte) 0xE9;
        Files.write(log(data), bytes);
        assertThat(ingested().path("reasons").toString()).isEqualTo("{\"not UTF-8\":1}");
        assertThat(Files.readString(rejectedRows())).contains(",501,\"not UTF-8\",");
    }

    @Test
    void a_line_break_in_quotes_rejects_both_lines_and_no_other() throws IOException {
        lines(data, all -> {
            all.set(10, field(6, "\"two\nlines\"").apply(all.get(10)));
            return all;
        });
        JsonNode part = ingested();
        assertThat(part.path("rows").asInt()).isEqualTo(ROWS - 1);
        assertThat(part.path("reasons").toString())
                .isEqualTo("{\"quotation mark out of place\":1,\"wrong number of fields\":1}");
    }

    @Test
    void quotes_a_byte_order_mark_carriage_returns_and_blank_lines_are_no_faults() throws IOException {
        lines(data, all -> {
            all.replaceAll(line -> line + "\r");
            all.set(10, field(6, "\"quoted, \"\"twice\"\"\"").apply(all.get(10)));
            all.set(11, field(6, "a\"bc").apply(all.get(11)));
            all.add(20, "\r");
            all.set(0, "\uFEFF" + all.getFirst());
            return all;
        });
        JsonNode part = ingested();
        assertThat(part.path("rows").asInt()).isEqualTo(ROWS);
        assertThat(part.path("rejected").asInt()).isZero();
    }

    @Test
    void lines_are_numbered_as_an_editor_does() throws IOException {
        lines(data, all -> {
            all.add(20, "");
            all.set(10, field(6, "\"quoted, twice\"").apply(all.get(10)));
            all.set(29, field(4, "7").apply(all.get(29)));
            all.set(39, field(0, "9").apply(all.get(39)));
            all.set(ROWS, field(4, "8").apply(all.get(ROWS)));
            return all;
        });
        assertThat(ingested().path("rejected").asInt()).isEqualTo(3);
        assertThat(Files.readAllLines(rejectedRows()))
                .satisfiesExactly(
                        header -> assertThat(header).startsWith("file,"),
                        row -> assertThat(row).contains(",30,\"click is not 0 or 1\","),
                        row -> assertThat(row).contains(",40,\"index for the second time\","),
                        row -> assertThat(row).contains(",1001,\"click is not 0 or 1\","));
    }

    @Test
    void an_index_in_disorder_is_fine_as_long_as_each_stands_once() throws IOException {
        lines(data, all -> {
            String first = all.get(1);
            all.set(1, all.get(2));
            all.set(2, first);
            return all;
        });
        assertThat(ingested().path("rows").asInt()).isEqualTo(ROWS);
    }

    @Test
    void too_many_rejected_rows_refuse_the_log_and_are_told() throws IOException {
        lines(data, all -> {
            for (int i = 1; i <= 11; i++) {
                all.set(i, field(4, "2").apply(all.get(i)));
            }
            return all;
        });
        Run run = Run.of("ingest", "--from", data, "--store", store, "--behavior", "bts");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .contains("11 of 1,000 rows are rejected", "click is not 0 or 1 (11)", "first line 2", "rejected/obp");
        assertNothingVisible();
        assertThat(Files.readAllLines(store.resolve("bandit/rejected/obp/bts/men/men.csv")))
                .hasSize(12);

        Run allowed = Run.of("ingest", "--from", data, "--store", store, "--behavior", "bts", "--max-rejected", "0.02");
        assertThat(allowed.status()).isZero();
        assertThat(allowed.out()).contains("989").contains("click is not 0 or 1");
    }

    /** What it had written is the same file that readers see. */
    @Test
    void a_log_that_is_refused_the_second_time_leaves_what_the_first_has_made() throws IOException {
        lines(data, all -> {
            all.set(7, field(4, "2").apply(all.get(7)));
            return all;
        });
        assertThat(ingested().path("rejected").asInt()).isEqualTo(1);
        Files.writeString(items(data), "\n", StandardOpenOption.APPEND);

        assertFails("1 of 1,000 rows", "--from", data, "--store", store, "--behavior", "bts", "--max-rejected", "0");

        assertThat(rejectedRows()).exists();
        Run ope = Run.of(
                "ope",
                "--store",
                store,
                "--behavior",
                "bts",
                "--campaign",
                "men",
                "--policy",
                "uniform",
                "--format",
                "json");
        assertThat(ope.err()).isEmpty();
        assertThat(JsonMapper.shared().readTree(ope.out()).path("rounds").asInt())
                .isEqualTo(ROWS - 1);
    }

    @Test
    void what_an_older_version_has_made_is_made_anew() throws IOException {
        ingested();
        Path manifest = store.resolve("bandit/silver/obp/behavior_policy=bts/campaign=men/manifest.json");
        String now = Files.readString(manifest);
        Files.writeString(
                manifest, now.replace("\"format\" : 2", "\"format\" : 1").replace("\"logs\" :", "\"log\" :"));
        Run ope = Run.of("ope", "--store", store, "--behavior", "bts", "--campaign", "men", "--policy", "uniform");
        assertThat(ope.status()).isEqualTo(1);
        assertThat(ope.err()).contains("of another version", "ingest it again");

        assertThat(ingested().path("status").asString()).isEqualTo("ingested");
        assertThat(Files.readString(manifest)).isEqualTo(now);
    }

    @Test
    void a_log_without_one_good_row_is_refused_whatever_is_allowed() throws IOException {
        lines(data, all -> {
            all.replaceAll(line -> line.startsWith(",") ? line : field(4, "2").apply(line));
            return all;
        });
        Run run = Run.of("ingest", "--from", data, "--store", store, "--behavior", "bts", "--max-rejected", "1");
        assertThat(run.status()).isEqualTo(1);
        assertNothingVisible();
    }

    @Test
    void sources_and_stores_that_are_none() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "PK no zip");
        assertFails("is not there", "--from", folder.resolve("nowhere"), "--store", store);
        assertFails("no readable zip", "--from", file, "--store", store);
        assertFails("holds no part", "--from", Files.createDirectory(folder.resolve("empty")), "--store", store);
        assertFails("has only random/men, bts/men", "--from", data, "--store", store, "--campaign", "women");
        assertFails("is a file, expected a folder", "--from", data, "--store", file);
        assertFails("The store /proc/bandit failed", "--from", data, "--store", "/proc/bandit");
        assertFails("names no bucket", "--from", data, "--store", "s3://");
        assertFails("no https address", "--download", "http://example.org/x.zip", "--store", store);
        assertNothingVisible();
    }

    @Test
    void archives_that_mean_harm() throws IOException {
        assertFails("leads out of it", "--from", zip("../bts/men/men.csv", new byte[10]), "--store", store);
        assertFails("leads out of it", "--from", zip("/bts/men/men.csv", new byte[10]), "--store", store);
        assertFails("leads out of it", "--from", zip("bts\\..\\..\\men.csv", new byte[10]), "--store", store);
        assertFails("400 times its size", "--from", zip("bts/men/men.csv", new byte[100 << 20]), "--store", store);
        Path cut = zip("bts/men/men.csv", Files.readAllBytes(log(data)));
        Files.write(cut, Arrays.copyOf(Files.readAllBytes(cut), 5_000));
        assertFails("no readable zip", "--from", cut, "--store", store);
        for (int level : List.of(Deflater.NO_COMPRESSION, Deflater.DEFAULT_COMPRESSION)) {
            Path damaged = zip("bts/men/men.csv", Files.readAllBytes(log(data)), level);
            byte[] bytes = Files.readAllBytes(damaged);
            bytes[bytes.length / 2] ^= 1;
            Files.write(damaged, bytes);
            assertFails("damaged or cut off", "--from", damaged, "--store", store);
        }
        assertNothingVisible();
    }

    private void assertFails(String expected, Object... args) {
        Object[] all = Stream.concat(Stream.of("ingest"), Stream.of(args)).toArray();
        Run run = Run.of(all);
        assertThat(run.status()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).contains(expected).doesNotContain("Exception");
    }

    private JsonNode ingested() {
        Run run = Run.of("ingest", "--from", data, "--store", store, "--behavior", "bts", "--format", "json");
        assertThat(run.status()).as(run.err()).isZero();
        return JsonMapper.shared().readTree(run.out()).at("/parts/0");
    }

    private Path rejectedRows() throws IOException {
        try (var files = Files.list(store.resolve("bandit/silver/obp/behavior_policy=bts/campaign=men"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("rejected-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void assertNothingVisible() throws IOException {
        if (Files.exists(store.resolve("bandit/silver"))) {
            try (var silver = Files.walk(store.resolve("bandit/silver"))) {
                assertThat(silver.filter(Files::isRegularFile)).isEmpty();
            }
        }
        if (Files.exists(store.resolve(".bandit"))) {
            try (var leftovers = Files.list(store.resolve(".bandit"))) {
                assertThat(leftovers.map(file -> file.getFileName().toString())).isSubsetOf("lock");
            }
        }
    }

    private static Arguments refused(String name, Fault fault, String... expected) {
        return Arguments.of(name, fault, List.of(expected));
    }

    private static Arguments rejected(String name, UnaryOperator<String> fault, String reason) {
        return Arguments.of(name, fault, reason);
    }

    private static Path log(Path data) {
        return data.resolve("bts/men/men.csv");
    }

    private static Path items(Path data) {
        return data.resolve("bts/men/item_context.csv");
    }

    private static void lines(Path data, UnaryOperator<List<String>> change) throws IOException {
        Files.write(log(data), change.apply(new ArrayList<>(Files.readAllLines(log(data)))));
    }

    private static void header(Path data, String from, String to) throws IOException {
        lines(data, all -> {
            all.set(0, all.getFirst().replaceFirst(from, to));
            return all;
        });
    }

    private static UnaryOperator<String> field(int index, String value) {
        return row -> {
            String[] fields = row.split(",", -1);
            fields[index] = value;
            return String.join(",", fields);
        };
    }

    private static void item(Path data, int id, String line) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(items(data)));
        if (line == null) {
            lines.remove(id + 1);
        } else {
            lines.set(id + 1, line);
        }
        Files.write(items(data), lines);
    }

    private static void utf16(Path data) throws IOException {
        Files.write(log(data), Files.readString(log(data)).getBytes(StandardCharsets.UTF_16));
    }

    private static void gzip(Path data, UnaryOperator<byte[]> change) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            Files.copy(log(data), out);
        }
        Files.delete(log(data));
        Files.write(Path.of(log(data) + ".gz"), change.apply(packed.toByteArray()));
    }

    private static byte[] flipped(byte[] gzip) {
        gzip[gzip.length - 6] ^= 1;
        return gzip;
    }

    private static void bomb(Path data) throws IOException {
        Files.write(log(data), new byte[100 << 20]);
        gzip(data, UnaryOperator.identity());
    }

    private static void directory(Path data) throws IOException {
        Files.delete(log(data));
        Files.createDirectory(log(data));
    }

    private static void loop(Path data) throws IOException {
        Files.delete(log(data));
        Files.createSymbolicLink(log(data), log(data).getFileName());
    }

    private Path zip(String entry, byte[] content) throws IOException {
        return zip(entry, content, Deflater.DEFAULT_COMPRESSION);
    }

    private Path zip(String entry, byte[] content, int level) throws IOException {
        Path zip = Files.createTempFile(folder, "zip", ".zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.setLevel(level);
            out.putNextEntry(new ZipEntry("bts/men/item_context.csv"));
            Files.copy(items(data), out);
            out.putNextEntry(new ZipEntry(entry));
            out.write(content);
        }
        return zip;
    }
}
