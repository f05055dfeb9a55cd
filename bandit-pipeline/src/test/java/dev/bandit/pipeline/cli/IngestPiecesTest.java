package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.bandit.pipeline.obd.Manifest;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.store.StoredFile;
import dev.bandit.pipeline.testing.Dataset;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A log that is converted piece by piece becomes what it becomes as a whole. */
class IngestPiecesTest {

    private static final int ROWS = 2_000;

    /** Some 180 rows. */
    private static final int PIECE = 60_000;

    @TempDir
    private Path folder;

    private Path log;

    @BeforeEach
    void data() {
        log = Dataset.made(folder.resolve("data"), ROWS, false).resolve(Dataset.BTS + "/men.csv");
    }

    static Stream<Arguments> logs() {
        return Stream.of(
                of("as it was made", true, lines -> {}),
                of("with rows of all kinds of faults", true, IngestPiecesTest::faults),
                of("with empty lines", true, lines -> {
                    lines.add(70, "");
                    lines.add(1_500, "");
                }),
                of("with the line ends of Windows", true, lines -> lines.replaceAll(line -> line + "\r")),
                of("with a mark of the byte order", true, lines -> lines.set(0, "\uFEFF" + lines.getFirst())),
                of("with a line break in quotation marks", true, lines -> {
                    String[] fields = lines.get(400).split(",", -1);
                    fields[6] = "\"one\ntwo\"";
                    lines.set(400, String.join(",", fields));
                }),
                of("with a piece of nothing good", true, lines -> {
                    for (int i = 600; i < 1_100; i++) {
                        lines.set(i, lines.get(i).replaceFirst(",", ",never"));
                    }
                }),
                of("with an index twice, close by", true, lines -> lines.add(1_000, lines.get(999))),
                of("with an index twice, far away", false, lines -> lines.add(1_900, lines.get(100))),
                of("backwards", false, lines -> Collections.reverse(lines.subList(1, lines.size()))));
    }

    private static Arguments of(String name, boolean pieces, Consumer<List<String>> change) {
        return Arguments.of(name, pieces, change);
    }

    private static void faults(List<String> lines) {
        int at = 50;
        for (String fault : List.of("0", "2", "often", "", "NaN")) {
            String[] fields = lines.get(at).split(",", -1);
            fields[5] = fault;
            lines.set(at, String.join(",", fields));
            at += 300;
        }
        lines.set(55, lines.get(55) + ",1");
        lines.set(1_001, lines.get(1_001).replaceFirst(",", ",\""));
        lines.set(1_777, "?");
        // Without user features.
        lines.set(600, lines.get(600).replaceAll("[0-9a-f]{32}", ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("logs")
    void pieces_are_as_good_as_the_whole(String name, boolean pieces, Consumer<List<String>> change)
            throws IOException, SQLException {
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        change.accept(lines);
        Files.write(log, lines);

        if (!name.startsWith("with")) {
            // Without the end of the last line.
            Files.writeString(log, String.join("\n", lines));
        }

        ingest("whole", "--max-rejected", 0.5);
        ingest("pieces", "--max-rejected", 0.5, "--piece", PIECE);

        try (Store whole = Store.open(folder.resolve("whole").toString());
                Store cut = Store.open(folder.resolve("pieces").toString())) {
            Manifest expected = Silver.open(whole, Dataset.BTS.behavior(), Dataset.BTS.campaign())
                    .manifest();
            Manifest actual = Silver.open(cut, Dataset.BTS.behavior(), Dataset.BTS.campaign())
                    .manifest();
            assertThat(expected.logs()).hasSize(1);
            assertThat(actual.logs()).hasSizeBetween(pieces ? 8 : 1, pieces ? 15 : 1);
            assertThat(Dataset.dump(cut, Dataset.BTS, folder)).isEqualTo(Dataset.dump(whole, Dataset.BTS, folder));
            assertThat(actual)
                    .usingRecursiveComparison()
                    .ignoringFields("logs", "sums")
                    .isEqualTo(expected);
            assertThat(actual.rows()).isEqualTo(expected.rows());
            assertThat(actual.sums())
                    .usingRecursiveComparison()
                    .ignoringFields("propensity", "weight")
                    .isEqualTo(expected.sums());
            assertThat(actual.sums().propensity()).isCloseTo(expected.sums().propensity(), withPercentage(1e-10));
            assertThat(actual.sums().weight()).isCloseTo(expected.sums().weight(), withPercentage(1e-10));
            StoredFile rejected = actual.rejectedRows();
            if (rejected != null) {
                String key = "bandit/silver/obp/behavior_policy=bts/campaign=men/" + rejected.name();
                assertThat(new String(cut.read(key).orElseThrow(), StandardCharsets.UTF_8))
                        .isEqualTo(new String(whole.read(key).orElseThrow(), StandardCharsets.UTF_8))
                        .startsWith("file,line,reason,record\n");
            }
            // Nothing that no manifest names.
            assertThat(cut.list("bandit/silver/obp/behavior_policy=bts/"))
                    .hasSize(actual.logs().size() + (rejected == null ? 2 : 3));
        }
    }

    @Test
    void a_log_that_is_refused_leaves_nothing_but_the_reasons() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(log));
        faults(lines);
        Files.write(log, lines);
        Path store = folder.resolve("store");

        Run run = Run.of(args(store, "--piece", PIECE, "--max-rejected", 0));

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("8 of 2,000 rows are rejected", "first line 51: propensity_score");
        try (Store open = Store.open(store.toString())) {
            assertThat(open.list("bandit/silver/")).isEmpty();
            assertThat(new String(
                            open.read("bandit/rejected/obp/bts/men/men.csv").orElseThrow(), StandardCharsets.UTF_8))
                    .hasLineCount(9);
        }
    }

    private void ingest(String store, Object... more) {
        Run run = Run.of(args(folder.resolve(store), more));
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
    }

    private Object[] args(Path store, Object... more) {
        return Stream.concat(
                        Stream.of("ingest", "--from", folder.resolve("data"), "--store", store, "--behavior", "bts"),
                        Stream.of(more))
                .map(Objects::requireNonNull)
                .toArray();
    }
}
