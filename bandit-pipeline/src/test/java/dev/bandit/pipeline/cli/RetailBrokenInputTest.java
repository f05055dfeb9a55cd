package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.pipeline.testing.RetailWorkbook;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Faults of the whole workbook, which refuse it, and faults of a row, which reject that. */
class RetailBrokenInputTest {

    private static final String FIRST = RetailWorkbook.SHEETS.get(0);
    private static final String SECOND = RetailWorkbook.SHEETS.get(1);

    /** Of the first sheet, as Excel counts; its invoice is in that sheet alone. */
    private static final int ROW = 7;

    @FunctionalInterface
    private interface Fault {
        void in(Path file) throws IOException;
    }

    @TempDir
    private Path folder;

    private Path store;
    private Path file;

    @BeforeEach
    void place() {
        store = folder.resolve("store");
        file = folder.resolve("online_retail_II.xlsx");
    }

    private Run ingest(Object... more) {
        List<Object> all = new ArrayList<>(
                List.<Object>of("ingest", "--dataset", "online-retail", "--from", file, "--store", store));
        all.addAll(Arrays.asList(more));
        return Run.of(all.toArray());
    }

    private static Arguments refused(String name, Fault fault, String... expected) {
        return Arguments.of(name, fault, List.of(expected));
    }

    /** Changes the sheets before they are written. */
    private static Fault sheets(Consumer<Map<String, List<List<Object>>>> change) {
        return file -> {
            Map<String, List<List<Object>>> all = RetailWorkbook.of(300, 3).sheets();
            change.accept(all);
            RetailWorkbook.write(file, all);
        };
    }

    private static Fault header(int column, String name) {
        return sheets(all -> all.get(SECOND).set(0, changed(all.get(SECOND).getFirst(), column, name)));
    }

    private static List<Object> changed(List<Object> row, int column, Object value) {
        List<Object> other = new ArrayList<>(row);
        if (column == other.size()) {
            other.add(value);
        } else {
            other.set(column, value);
        }
        return other;
    }

    /** Changes what is in the zip that a workbook is. */
    private static Fault part(String name, UnaryOperator<String> change) {
        return file -> {
            Path whole = RetailWorkbook.of(300, 3).write(file.resolveSibling("whole"));
            try (var in = new ZipFile(whole.toFile());
                    var out = new ZipOutputStream(Files.newOutputStream(file))) {
                out.setLevel(Deflater.BEST_COMPRESSION);
                for (ZipEntry entry : in.stream().toList()) {
                    String content = new String(in.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                    String changed = entry.getName().equals(name) ? change.apply(content) : content;
                    if (!changed.isEmpty()) {
                        out.putNextEntry(new ZipEntry(entry.getName()));
                        out.write(changed.getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
            Files.delete(whole);
        };
    }

    private static Fault bytes(UnaryOperator<byte[]> change) {
        return file -> Files.write(
                file, change.apply(Files.readAllBytes(RetailWorkbook.of(300, 3).write(file))));
    }

    private static byte[] flipped(byte[] bytes) {
        // In the middle of what is packed.
        for (int i = bytes.length / 2; i < bytes.length / 2 + 8; i++) {
            bytes[i] ^= 0x55;
        }
        return bytes;
    }

    static Stream<Arguments> refused() {
        String sheet = "xl/worksheets/sheet1.xml";
        return Stream.of(
                refused("nothing", file -> {}, "is not there, expected online_retail_II.xlsx"),
                refused("an empty file", file -> Files.writeString(file, ""), "online_retail_II.xlsx is no workbook"),
                refused("a text", file -> Files.writeString(file, "Invoice,StockCode\n"), "is no workbook (.xlsx)"),
                refused("a folder without it", Files::createDirectory, "holds no online_retail_II.xlsx"),
                refused("cut off", bytes(all -> Arrays.copyOf(all, all.length / 2)), "is no workbook (.xlsx)"),
                refused("damaged", bytes(RetailBrokenInputTest::flipped), "is damaged or cut off: xl/"),
                refused("no content types", part("[Content_Types].xml", all -> ""), "no readable workbook"),
                refused("no list of sheets", part("xl/workbook.xml", all -> ""), "no readable workbook"),
                refused("a sheet left out", part(sheet, all -> ""), "no readable workbook"),
                refused(
                        "a sheet that ends early",
                        part(sheet, all -> all.substring(0, all.length() / 2)),
                        "sheet \"Year 2009-2010\" is unreadable after row "),
                refused(
                        "a text that is not there",
                        part("xl/sharedStrings.xml", all -> all.substring(0, all.length() / 2)),
                        "unreadable"),
                refused(
                        "a sheet that explodes",
                        part(sheet, all -> all.replace("<sheetData>", "<sheetData>" + " ".repeat(100 << 20))),
                        "is refused: it unpacks to more than 400 times its size"),
                refused(
                        "a missing sheet",
                        sheets(all -> all.remove(SECOND)),
                        "has no sheet \"Year 2010-2011\", only Year 2009-2010"),
                refused("an empty sheet", sheets(all -> all.get(SECOND).clear()), "\"Year 2010-2011\" is empty"),
                refused(
                        "a header alone",
                        sheets(all -> all.get(SECOND)
                                .subList(1, all.get(SECOND).size())
                                .clear()),
                        "\"Year 2010-2011\" has no rows"),
                refused(
                        "no header",
                        sheets(all -> all.get(SECOND).removeFirst()),
                        "\"Year 2010-2011\", row 1 has \"",
                        "as column 1, expected \"Invoice\""),
                refused(
                        "a renamed column",
                        header(1, "Item"),
                        "\"Year 2010-2011\", row 1 has \"Item\" as column 2, expected \"StockCode\""),
                refused(
                        "a missing column",
                        header(6, "Country"),
                        "has \"Country\" as column 7, expected \"Customer ID\""),
                refused("a column more", header(8, "Note"), "has \"Note\" as column 9, expected 8 columns"),
                refused(
                        "no purchase",
                        sheets(all -> all.values()
                                .forEach(rows -> rows.replaceAll(
                                        row -> row.equals(RetailWorkbook.HEADER) ? row : changed(row, 5, 0)))),
                        "is a purchase that was kept"),
                refused(
                        "too many rejected",
                        sheets(all -> all.get(FIRST)
                                .replaceAll(row -> row.equals(RetailWorkbook.HEADER) ? row : changed(row, 3, "six"))),
                        "rows are rejected, --max-rejected allows 0.01 of all: Quantity is no whole number other than 0 (",
                        "first sheet \"Year 2009-2010\", row 2: Quantity"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void what_refuses_a_workbook(String name, Fault fault, List<String> expected) throws IOException {
        fault.in(file);
        Run run = ingest();
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .contains(expected)
                .contains("online_retail_II.xlsx")
                .doesNotContain("Exception", "\tat ");
        assertThat(run.err().strip()).hasLineCount(1);
        assertThat(run.out()).isEmpty();
        assertThat(store.resolve("bandit/silver")).doesNotExist();
    }

    @Test
    void a_truncated_zip_is_refused() throws IOException {
        Path zip =
                RetailWorkbook.zip(RetailWorkbook.of(300, 3).write(file), folder.resolve("online+retail+ii.zip"), "");
        Files.delete(file);
        Files.write(zip, Arrays.copyOf(Files.readAllBytes(zip), 10_000));
        file = zip;
        Run run = ingest();
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("online+retail+ii.zip is no folder and no readable zip");
        assertThat(store.resolve("bandit")).doesNotExist();
    }

    @Test
    void what_stood_stays_when_the_next_workbook_is_refused() throws IOException {
        RetailWorkbook.of(300, 3).write(file);
        assertThat(ingest().status()).isZero();
        byte[] before = Files.readAllBytes(store.resolve("bandit/silver/online-retail/manifest.json"));
        header(1, "Item").in(file);
        assertThat(ingest().status()).isEqualTo(1);
        assertThat(store.resolve("bandit/silver/online-retail/manifest.json")).hasBinaryContent(before);
        Run replay = Run.of("conclude", "--store", store, "--dataset", "online-retail", "--format", "json");
        assertThat(replay.err()).isEmpty();
    }

    static Stream<Arguments> rejected() {
        String quantity = "Quantity is no whole number other than 0";
        String date = "InvoiceDate is no date from 2000 to 2099";
        return Stream.of(
                Arguments.of("no invoice", 0, null, "Invoice is missing"),
                Arguments.of("an invoice in words", 0, "first", "Invoice is no number, perhaps after C or A"),
                Arguments.of("half an invoice", 0, 489434.5, "Invoice is no number, perhaps after C or A"),
                Arguments.of("no stock code", 1, "  ", "StockCode is missing"),
                Arguments.of("a truth as stock code", 1, true, "StockCode is neither text nor a number"),
                Arguments.of("an endless stock code", 1, 1e99, "StockCode has more than 40 digits"),
                Arguments.of(
                        "an endless description", 2, "x".repeat(1_001), "Description has more than 1,000 characters"),
                Arguments.of(
                        "a formula as description",
                        2,
                        new RetailWorkbook.Formula("A1"),
                        "Description is neither text nor a number"),
                Arguments.of("a formula as quantity", 3, new RetailWorkbook.Formula("1+1"), quantity),
                Arguments.of("no quantity", 3, null, quantity),
                Arguments.of("a quantity in words", 3, "six", quantity),
                Arguments.of("a quantity as text", 3, "6", quantity),
                Arguments.of("half a piece", 3, 0.5, quantity),
                Arguments.of("no pieces", 3, 0, quantity),
                Arguments.of("too many pieces", 3, 1e10, quantity),
                Arguments.of("no date", 4, null, date),
                Arguments.of("a date as text", 4, "2010-01-04 10:00", date),
                Arguments.of("a date long ago", 4, 17.5, date),
                Arguments.of("a negative date", 4, -40_000, date),
                Arguments.of("a date that is none", 4, 1e12, date),
                Arguments.of("no price", 5, null, "Price is no number"),
                Arguments.of("a price in words", 5, "cheap", "Price is no number"),
                Arguments.of("a price beyond measure", 5, 1e12, "Price is no number"),
                Arguments.of("a customer in words", 6, "Mary", "Customer ID is no whole number above 0"),
                Arguments.of("half a customer", 6, 12346.5, "Customer ID is no whole number above 0"),
                Arguments.of("a cell more", 8, "note", "more than 8 cells"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rejected")
    void what_rejects_a_row(String name, int column, Object value, String reason) throws IOException {
        sheets(all -> all.get(FIRST).set(ROW - 1, changed(all.get(FIRST).get(ROW - 1), column, value)))
                .in(file);
        Run run = ingest("--format", "json");
        assertThat(run.status()).as(run.err()).isZero();
        JsonNode answer = JsonMapper.shared().readTree(run.out());
        assertThat(answer.path("rejected").asInt()).isEqualTo(1);
        assertThat(answer.path("reasons").path(reason).asInt()).isEqualTo(1);
        RetailWorkbook whole = RetailWorkbook.of(300, 3);
        assertThat(answer.path("lines").asLong()).isEqualTo(whole.lines() - 1);
        try (var files = Files.list(store.resolve("bandit/silver/online-retail"))) {
            Path csv = files.filter(one -> one.getFileName().toString().startsWith("rejected-"))
                    .findFirst()
                    .orElseThrow();
            List<String> lines = Files.readAllLines(csv);
            assertThat(lines).hasSize(2);
            assertThat(lines.get(0)).isEqualTo("file,sheet,row,reason,record");
            assertThat(lines.get(1)).contains("online_retail_II.xlsx", "," + FIRST + "," + ROW + ",", reason);
        }
    }

    @Test
    void an_error_in_a_cell_rejects_the_row() throws IOException {
        part(
                        "xl/worksheets/sheet1.xml",
                        all -> all.replaceFirst(
                                "<c r=\"D" + ROW + "\"[^>]*><v>", "<c r=\"D" + ROW + "\" t=\"e\"><v>#N/A"))
                .in(file);
        JsonNode answer =
                JsonMapper.shared().readTree(ingest("--format", "json").out());
        assertThat(answer.path("rejected").asInt()).isEqualTo(1);
    }

    @Test
    void blank_rows_are_nothing_and_rows_after_them_keep_their_numbers() throws IOException {
        sheets(all -> {
                    all.get(FIRST).add(3, Arrays.asList(null, null));
                    all.get(FIRST).add(4, List.of("", " "));
                    all.get(FIRST).set(ROW - 1, changed(all.get(FIRST).get(ROW - 1), 3, "six"));
                })
                .in(file);
        JsonNode answer =
                JsonMapper.shared().readTree(ingest("--format", "json").out());
        assertThat(answer.path("lines").asLong())
                .isEqualTo(RetailWorkbook.of(300, 3).lines() - 1);
        assertThat(ingest("--max-rejected", "0").out()).contains("Nothing to do");
    }
}
