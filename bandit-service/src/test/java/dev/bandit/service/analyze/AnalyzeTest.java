package dev.bandit.service.analyze;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class AnalyzeTest {

    private static final String HEADER = "test_id,variant,timestamp,alpha,beta,exposures_inc,successes_inc,"
            + "exposures_total,successes_total,success_rate_total,mean,ci_low,ci_high,prob_best,expected_loss\n";

    @TempDir
    private Path folder;

    @Test
    void the_newest_row_of_a_variant_counts_wherever_it_stands() throws IOException {
        var file = write(
                "a.csv",
                HEADER
                        + row("button", "control", "2026-11-22T10:00:00Z", 351, 651)
                        + row("button", "treatment", "2026-11-22T10:00:00Z", 551, 451)
                        + row("button", "control", "2026-11-22T09:00:00Z", 1, 1));

        var test = Analysis.of(file, null).tests().getFirst();

        assertThat(test.variants()).extracting(Analysis.Variant::name).containsExactly("control", "treatment");
        var control = test.variants().getFirst();
        assertThat(control.posterior().alpha()).isEqualTo(351);
        assertThat(control.exposuresTotal()).isEqualTo(1000);
        // The normal approximation, 0.3503 +- 1.96 * 0.0151, is this near.
        assertThat(control.interval().lower()).isCloseTo(0.3208, within(5e-4));
        assertThat(control.interval().upper()).isCloseTo(0.3798, within(5e-4));
        assertThat(test.superiority()[1][0]).isGreaterThan(0.999999);
        assertThat(test.likelyWinner().name()).isEqualTo("treatment");
    }

    @Test
    void the_order_of_columns_is_free_quotes_are_read_and_others_are_ignored() throws IOException {
        var file = write("a.csv", """
                \ufeffnote,beta,alpha,variant,test_id,successes_total,exposures_total,timestamp\r
                "one, ""two""
                three",3,2,v,t,1.5,3,2026-11-22 15:04:05.123+00\r
                """);

        var variant = Analysis.of(file, "t").tests().getFirst().variants().getFirst();

        assertThat(variant.posterior().alpha()).isEqualTo(2);
        assertThat(variant.successesTotal()).isEqualTo(1.5);
    }

    @Test
    void an_export_of_a_table_says_the_same_as_the_csv() throws IOException {
        var csv = write(
                "a.csv",
                HEADER + row("t", "a", "2026-11-22T10:00:00Z", 20, 30) + row("t", "b", "2026-11-22T10:00:00Z", 25, 30));
        var data = Files.createDirectories(folder.resolve("export/data"));
        write("export/manifest-summary.json", "{\"version\": \"2020-06-30\"}");
        try (var gzip = new GZIPOutputStream(Files.newOutputStream(data.resolve("x.json.gz")))) {
            gzip.write((item("a", 20, 30) + item("b", 25, 30)).getBytes(StandardCharsets.UTF_8));
        }

        var fromExport = AnalysisJson.from(Analysis.of(folder.resolve("export"), null));

        assertThat(fromExport.text())
                .isEqualTo(AnalysisJson.from(Analysis.of(csv, null)).text());
    }

    @Test
    void the_json_has_the_agreed_fields_and_every_ordered_pair() throws IOException {
        var file = write(
                "a.csv",
                HEADER
                        + row("t", "a", "2026-11-22T10:00:00Z", 20, 30)
                        + row("t", "b", "2026-11-22T10:00:00Z", 25, 30)
                        + row("t", "c", "2026-11-22T10:00:00Z", 22, 30));

        var test = JsonMapper.builder()
                .build()
                .readTree(AnalysisJson.from(Analysis.of(file, null)).text())
                .get("tests")
                .get(0);

        assertThat(test.propertyNames()).containsExactly("test_id", "variants", "superiority", "likely_winner");
        assertThat(test.get("variants").get(0).propertyNames())
                .containsExactly(
                        "variant", "alpha", "beta", "mean", "ci_low", "ci_high", "exposures_total", "successes_total");
        assertThat(test.get("superiority")).hasSize(6);
        double greater = 0;
        for (var pair : test.get("superiority")) {
            assertThat(pair.propertyNames()).containsExactly("a", "b", "probability");
            greater += pair.get("probability").asDouble();
        }
        assertThat(greater).isCloseTo(3, within(1e-9));
        assertThat(test.get("likely_winner").asString()).isEqualTo("b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    t,v,2026-11-22T10:00:00Z,0,1,0,0   | :2: alpha is 0, expected a number above 0
                    t,v,2026-11-22T10:00:00Z,1,NaN,0,0 | :2: beta is NaN, expected a number above 0
                    t,v,2026-11-22T10:00:00Z,x,1,0,0   | :2: alpha is 'x', expected a number above 0
                    t,v,2026-11-22T10:00:00Z,,1,0,0    | :2: alpha is empty, expected a number above 0
                    t,v,2026-11-22T10:00:00Z,1,1,0.5,0 | :2: exposures_total is 0.5, expected a whole number of 0 or more
                    t,v,2026-11-22T10:00:00Z,1,1,0,-1  | :2: successes_total is -1, expected a number of 0 or more
                    t,v,yesterday,1,1,0,0              | :2: timestamp is 'yesterday', expected a time with its offset
                    ,v,2026-11-22T10:00:00Z,1,1,0,0    | :2: test_id is empty, expected a name
                    t,v,1                              | :2: has 3 fields, expected 7 as in the header
                    """)
    void a_wrong_row_is_told_with_its_line(String row, String problem) throws IOException {
        var file =
                write("a.csv", "test_id,variant,timestamp,alpha,beta,exposures_total,successes_total\n" + row + "\n");

        assertThatThrownBy(() -> Analysis.of(file, null))
                .isInstanceOf(AnalysisFailed.class)
                .hasMessageStartingWith(file + problem);
    }

    @Test
    void what_holds_no_snapshots_is_told() throws IOException {
        assertFails(write("empty.csv", " \n"), ":1: is empty, expected");
        assertFails(write("header.csv", HEADER), ": has no snapshots, expected");
        assertFails(write("short.csv", "test_id,variant\nt,v\n"), ":1: has no column timestamp, alpha, beta,");
        assertFails(write("twice.csv", "test_id,test_id\n"), ":1: has the column test_id twice");
        assertFails(write("a.json", "{\"Item\": {}}\n"), ":1: test_id is missing, expected");
        assertFails(write("b.json", "{}\n"), ":1: has no Item, expected");
        assertFails(write("c.json", "\n{\"Item\n"), ":2: is no JSON");
        assertFails(folder.resolve("absent.csv"), ": does not exist, expected");
        assertFails(Files.createDirectory(folder.resolve("hollow")), ": has no snapshots, expected");
        assertFails(Files.write(folder.resolve("bytes.csv"), new byte[] {'a', (byte) 0xff, 'b'}), ": is no UTF-8 text");
        var csv = write("t.csv", HEADER + row("t", "a", "2026-11-22T10:00:00Z", 20, 30));
        assertThatThrownBy(() -> Analysis.of(csv, "u")).hasMessage(csv + ": has no test u, expected one of t");
    }

    @Test
    void a_picture_is_drawn_for_each_test() throws IOException {
        var file = write(
                "a.csv",
                HEADER
                        + row("button", "control", "2026-11-22T10:00:00Z", 351, 651)
                        + row("button", "treatment", "2026-11-22T10:00:00Z", 1101, 901)
                        + row("flat", "a", "2026-11-22T10:00:00Z", 0.5, 0.5)
                        + row("flat", "b", "2026-11-22T10:00:00Z", 1, 1)
                        + row("flat", "c", "2026-11-22T10:00:00Z", 500000, 1500000));

        var pictures = DensityPlot.write(Analysis.of(file, null), folder.resolve("p.png"));

        assertThat(pictures).containsExactly(folder.resolve("p-button.png"), folder.resolve("p-flat.png"));
        var picture = ImageIO.read(pictures.getFirst().toFile());
        assertThat(picture.getWidth()).isEqualTo(2000);
        assertThat(DensityPlot.write(Analysis.of(file, "flat"), folder.resolve("q.png")))
                .containsExactly(folder.resolve("q.png"));
    }

    private static void assertFails(Path file, String problem) {
        assertThatThrownBy(() -> Analysis.of(file, null))
                .isInstanceOf(AnalysisFailed.class)
                .hasMessageStartingWith(file + problem);
    }

    private static String row(String test, String variant, String time, double alpha, double beta) {
        return "%s,%s,%s,%s,%s,0,0,1000,350,,,,,,%n".formatted(test, variant, time, alpha, beta);
    }

    private static String item(String variant, double alpha, double beta) {
        return """
                {"Item":{"test_id#variant":{"S":"t#%s"},"timestamp":{"S":"2026-11-22T10:00:00Z"},"alpha":{"N":"%s"},"beta":{"N":"%s"},"exposures_total":{"N":"1000"},"successes_total":{"N":"350"}}}
                """.formatted(variant, alpha, beta);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
