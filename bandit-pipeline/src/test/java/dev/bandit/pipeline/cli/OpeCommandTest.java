package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.bandit.core.evaluation.CellRewardModel;
import dev.bandit.core.evaluation.Estimator;
import dev.bandit.core.evaluation.OffPolicyEvaluation;
import dev.bandit.core.evaluation.OffPolicySettings;
import dev.bandit.pipeline.testing.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OpeCommandTest {

    private static final Path REFERENCE = Path.of("src/test/resources/reference");
    private static final Path TABLE = REFERENCE.resolve("ope_table.csv");
    private static final int ITEMS = 34;

    @TempDir
    private Path folder;

    /** Values of the Open Bandit Pipeline from the same files: ope_reference.py. Of the published sample too, where it is. */
    @Test
    void estimates_are_those_of_the_open_bandit_pipeline() throws IOException {
        Path made = Dataset.made(folder.resolve("made"), 6_000, false);
        Path sample = Dataset.sample(folder.resolve("sample"));
        Map<String, Path> logs = new HashMap<>(Map.of("generated", made));
        if (!sample.startsWith(folder)) {
            logs.put("sample", sample);
        }
        for (var log : logs.entrySet()) {
            Path store = folder.resolve("store-" + log.getKey());
            assertThat(Run.of("ingest", "--from", log.getValue(), "--store", store)
                            .status())
                    .isZero();
            for (String behavior : List.of("random", "bts")) {
                for (String policy : List.of("uniform", "table")) {
                    Map<String, Double> expected = reference(log.getKey(), behavior, policy);
                    JsonNode report = ope(
                            store,
                            behavior,
                            policy.equals("table") ? "table:" + TABLE : policy,
                            "--clip",
                            3,
                            "--switch",
                            5,
                            "--shrink",
                            20);
                    assertThat(expected).hasSize(Estimator.values().length);
                    assertThat(report.path("verdict").asString()).isEqualTo("ok");
                    assertThat(report.path("estimators")).hasSize(expected.size());
                    for (JsonNode one : report.path("estimators")) {
                        String name = one.path("name").asString();
                        double value = Objects.requireNonNull(expected.get(name));
                        assertThat(one.path("value").asDouble())
                                .as("%s of %s on %s %s", name, policy, log.getKey(), behavior)
                                .isCloseTo(value, within(1e-9 * Math.abs(value)));
                        assertThat(one.path("ci_low").asDouble()).isLessThan(value);
                        assertThat(one.path("ci_high").asDouble()).isGreaterThan(value);
                    }
                }
            }
        }
    }

    /** What many threads make of Parquet is what one makes of the CSV, row by row. */
    @Test
    void slices_and_threads_do_not_change_the_numbers() throws IOException {
        Path made = Dataset.made(folder.resolve("made"), 20_000, false);
        Path store = folder.resolve("store");
        assertThat(Run.of("ingest", "--from", made, "--store", store).status()).isZero();
        JsonNode report = ope(store, "bts", "table:" + TABLE);

        double[][] target = new double[3][ITEMS];
        for (NamedCsvRecord row : CsvReader.builder().ofNamedCsvRecord(TABLE)) {
            target[Integer.parseInt(row.getField("position")) - 1][Integer.parseInt(row.getField("item_id"))] =
                    Double.parseDouble(row.getField("probability"));
        }
        List<NamedCsvRecord> rows = CsvReader.builder().ofNamedCsvRecord(made.resolve("bts/men/men.csv")).stream()
                .toList();
        CellRewardModel model = new CellRewardModel(ITEMS, 3, 4);
        for (NamedCsvRecord row : rows) {
            model.add(bucket(row), item(row), place(row), click(row), 1);
        }
        OffPolicyEvaluation evaluation = new OffPolicyEvaluation(OffPolicySettings.DEFAULT);
        CellRewardModel.Predictions predictions = model.predictions();
        for (NamedCsvRecord row : rows) {
            evaluation.add(
                    bucket(row),
                    click(row),
                    Double.parseDouble(row.getField("propensity_score")),
                    target[place(row)][item(row)],
                    predictions.predicted(bucket(row), item(row), place(row)),
                    predictions.expected(bucket(row), place(row), target[place(row)]),
                    1);
        }
        assertThat(report.path("rounds").asLong()).isEqualTo(20_000);
        assertThat(report.path("ess").asDouble())
                .isCloseTo(evaluation.result().overlap(0).effectiveRounds(), within(1e-8));
        for (JsonNode one : report.path("estimators")) {
            Estimator estimator = Estimator.valueOf(one.path("name").asString().toUpperCase(java.util.Locale.ROOT));
            double value = evaluation.result().value(estimator).orElseThrow();
            assertThat(one.path("value").asDouble())
                    .as(estimator.label())
                    .isCloseTo(value, within(1e-12 * Math.abs(value)));
        }
    }

    @Test
    void a_log_that_cannot_answer_says_so_and_ends_with_3() throws IOException {
        Path store = store(300);
        Path one = folder.resolve("one.csv");
        Files.writeString(one, "item_id,probability\n5,1\n");
        Run run = Run.of(
                "ope", "--store", store, "--behavior", "random", "--campaign", "men", "--policy", "table:" + one);
        assertThat(run.status()).isEqualTo(3);
        assertThat(run.out()).contains("These logs cannot answer this: ").doesNotContain("snipw");
        Run json = Run.of(
                "ope",
                "--store",
                store,
                "--behavior",
                "random",
                "--campaign",
                "men",
                "--policy",
                "table:" + one,
                "--format",
                "json");
        assertThat(json.status()).isEqualTo(3);
        JsonNode report = JsonMapper.shared().readTree(json.out());
        assertThat(report.path("verdict").asString()).isEqualTo("insufficient_overlap");
        assertThat(report.path("estimators")).isEmpty();
    }

    @Test
    void estimates_are_written_and_drawn() throws IOException {
        Path store = store(3_000);
        Path out = folder.resolve("out");
        Run run = Run.of(
                "ope",
                "--store",
                store,
                "--behavior",
                "random",
                "--campaign",
                "men",
                "--policy",
                "uniform",
                "--interval",
                "bootstrap",
                "--out",
                out);
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("uniform on random/men: 3,000 rounds.").contains("95 % interval (bootstrap)");
        assertThat(Files.readAllLines(out.resolve("ope.csv")))
                .hasSize(Estimator.values().length + 1)
                .first()
                .isEqualTo("estimator,value,ci_low,ci_high,interval,level");
        assertThat(Files.readAllBytes(out.resolve("ope.png"))).startsWith(0x89, 'P', 'N', 'G');
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void what_is_not_there_is_told() {
        Path store = folder.resolve("store");
        Run run = Run.of("ope", "--store", store, "--behavior", "bts", "--campaign", "women", "--policy", "uniform");
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("There is no bts/women in ").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({
        "--clip, 0, more than 0",
        "--clip, NaN, more than 0",
        "--switch, -1, not less than 0",
        "--shrink, -0.5, not less than 0",
        "--level, 1, more than 0 and less than 1",
        "--level, 0, more than 0 and less than 1",
        "--folds, 1, 2 to 64",
        "--folds, 65, 2 to 64",
        "--epsilon, 1.5, 0 to 1",
        "--interval, wide, wide",
        "--behavior, nobody, nobody",
        "--format, xml, xml",
        "--seed, x, x",
    })
    void wrong_usage_is_told(String option, String value, String told) throws IOException {
        Run run = Run.of(Stream.of(
                        "ope --store s --behavior random --campaign men --policy uniform".split(" "),
                        new String[] {option, value})
                .flatMap(Stream::of)
                .toArray());
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err().lines().findFirst().orElse("")).contains(option).contains(told);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--store", "--behavior", "--campaign", "--policy"})
    void nothing_goes_without(String option) {
        String all = "ope --store s --behavior random --campaign men --policy uniform";
        Run run = Run.of((Object[]) all.replaceFirst(option + " \\S+ ?", "").split(" "));
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("Missing required ").contains(option);
    }

    private Path store(int rows) {
        Path store = folder.resolve("store");
        Path made = Dataset.made(folder.resolve("made"), rows, false);
        assertThat(Run.of("ingest", "--from", made, "--store", store).status()).isZero();
        return store;
    }

    private static JsonNode ope(Path store, String behavior, String policy, Object... more) {
        Object[] args = Stream.concat(
                        Stream.of(
                                "ope",
                                "--store",
                                store,
                                "--behavior",
                                behavior,
                                "--campaign",
                                "men",
                                "--policy",
                                policy,
                                "--format",
                                "json"),
                        Stream.of(more))
                .toArray();
        Run run = Run.of(args);
        assertThat(run.err()).isEmpty();
        return JsonMapper.shared().readTree(run.out());
    }

    private static Map<String, Double> reference(String log, String behavior, String policy) throws IOException {
        Map<String, Double> values = new HashMap<>();
        for (NamedCsvRecord row : CsvReader.builder().ofNamedCsvRecord(REFERENCE.resolve("ope.csv"))) {
            if (row.getField("log").equals(log)
                    && row.getField("behavior").equals(behavior)
                    && row.getField("policy").equals(policy)) {
                values.put(row.getField("estimator"), Double.parseDouble(row.getField("value")));
            }
        }
        return values;
    }

    private static int bucket(NamedCsvRecord row) {
        return (int) (((Long.parseLong(row.getField(0)) * 2_654_435_761L) >> 16) % 256);
    }

    private static int item(NamedCsvRecord row) {
        return Integer.parseInt(row.getField("item_id"));
    }

    private static int place(NamedCsvRecord row) {
        return Integer.parseInt(row.getField("position")) - 1;
    }

    private static double click(NamedCsvRecord row) {
        return Double.parseDouble(row.getField("click"));
    }
}
