package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import dev.bandit.core.posterior.BestArm;
import dev.bandit.pipeline.duck.Duck;
import dev.bandit.pipeline.obd.Part;
import dev.bandit.pipeline.obd.Silver;
import dev.bandit.pipeline.ope.LoggedRounds;
import dev.bandit.pipeline.store.Store;
import dev.bandit.pipeline.testing.Dataset;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConcludeLogTest {

    @TempDir
    private static Path folder;

    @BeforeAll
    static void ingest() {
        Path data = Dataset.sample(folder.resolve("data"));
        assertThat(Run.of("ingest", "--from", data, "--store", folder.resolve("store"))
                        .status())
                .isZero();
    }

    private static Run conclude(Part part, Object... more) {
        List<Object> all = new ArrayList<>(List.<Object>of(
                "conclude",
                "--store",
                folder.resolve("store"),
                "--behavior",
                part.behavior(),
                "--campaign",
                part.campaign(),
                "--format",
                "json"));
        all.addAll(Arrays.asList(more));
        return Run.of(all.toArray());
    }

    private static void assertCounted(Part part, JsonNode conclusion, String where) throws SQLException {
        double[] alpha = new double[34];
        double[] beta = new double[34];
        Arrays.fill(alpha, 2);
        Arrays.fill(beta, 30);
        try (Store store = Store.open(folder.resolve("store").toString());
                Duck duck = Duck.open(folder.resolve("aside"))) {
            Silver silver = Silver.open(store, part.behavior(), part.campaign());
            duck.query(
                    "SELECT item_id, click FROM " + LoggedRounds.of(silver).relation(store) + " WHERE " + where,
                    rows -> {
                        while (rows.next()) {
                            (rows.getInt(2) == 1 ? alpha : beta)[rows.getInt(1)]++;
                        }
                    });
        }
        double[] best = BestArm.probabilities(alpha, beta);
        assertThat(conclusion.path("arms").size()).isEqualTo(34);
        for (int arm = 0; arm < 34; arm++) {
            JsonNode told = conclusion.path("arms").path(arm);
            assertThat(told.path("arm").asString()).isEqualTo(Integer.toString(arm));
            assertThat(told.path("alpha").asDouble()).isEqualTo(alpha[arm]);
            assertThat(told.path("beta").asDouble()).isEqualTo(beta[arm]);
            assertThat(told.path("decisions").asDouble()).isEqualTo(alpha[arm] + beta[arm] - 32);
            assertThat(told.path("prob_best").asDouble()).isCloseTo(best[arm], within(1e-12));
        }
    }

    @Test
    void rounds_are_trials_and_clicks_successes() throws SQLException {
        Run random = conclude(Dataset.RANDOM, "--prior", "2,30");
        assertThat(random.status()).isEqualTo(3);
        assertThat(random.err()).isEmpty();
        JsonNode conclusion = JsonMapper.shared().readTree(random.out());
        assertThat(conclusion.path("verdict").asString()).isEqualTo("undecided");
        assertCounted(Dataset.RANDOM, conclusion, "true");
        Run second = conclude(Dataset.BTS, "--prior", "2,30", "--position", "2");
        assertThat(second.err()).isEmpty();
        assertCounted(Dataset.BTS, JsonMapper.shared().readTree(second.out()), "position = 2");
    }

    @Test
    void a_policy_that_prefers_arms_at_some_positions_is_remarked_on() {
        assertThat(conclude(Dataset.BTS).err()).contains("--position judges one");
    }

    @Test
    void a_rule_that_asks_for_little_names_a_winner() {
        Run run = conclude(
                Dataset.RANDOM,
                "--prob-best",
                "0.01",
                "--max-expected-loss",
                "1",
                "--min-decisions-per-arm",
                "1",
                "--prior",
                "2,30");
        assertThat(run.status()).isZero();
        JsonNode conclusion = JsonMapper.shared().readTree(run.out());
        assertThat(conclusion.path("winner").asString())
                .isEqualTo(conclusion.path("leader").asString());
        Run more = conclude(
                Dataset.RANDOM, "--prob-best", "0.01", "--max-expected-loss", "1", "--max-value-remaining", "1e-9");
        assertThat(more.status()).isEqualTo(3);
        assertThat(JsonMapper.shared().readTree(more.out()).path("conditions").size())
                .isEqualTo(4);
    }

    @Test
    void arms_are_written_and_drawn() throws IOException {
        Path out = folder.resolve("out");
        Run run = conclude(Dataset.RANDOM, "--prior", "2,30", "--out", out);
        assertThat(run.err().lines())
                .containsExactly(
                        "Written: " + out.resolve("conclude.csv"),
                        "Written: " + out.resolve("conclude-means.png"),
                        "Written: " + out.resolve("conclude-best.png"));
        JsonNode arms = JsonMapper.shared().readTree(run.out()).path("arms");
        List<NamedCsvRecord> rows = CsvReader.builder().ofNamedCsvRecord(out.resolve("conclude.csv")).stream()
                .toList();
        assertThat(rows).hasSize(34);
        for (int arm = 0; arm < 34; arm++) {
            NamedCsvRecord row = rows.get(arm);
            JsonNode told = arms.path(arm);
            assertThat(row.getField("arm")).isEqualTo(told.path("arm").asString());
            for (String column : List.of("decisions", "rate", "mean", "ci_low", "ci_high", "prob_best")) {
                assertThat(Double.parseDouble(row.getField(column)))
                        .as(column)
                        .isEqualTo(told.path(column).asDouble());
            }
            assertThat(told.path("rate").asDouble())
                    .isCloseTo(
                            (told.path("alpha").asDouble() - 2)
                                    / told.path("decisions").asDouble(),
                            within(1e-12));
        }
        for (String picture : List.of("conclude-means.png", "conclude-best.png")) {
            assertThat(ImageIO.read(out.resolve(picture).toFile()).getHeight()).isEqualTo(2 * (190 + 34 * 34));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--prob-best,2,'--prob-best is 2.0, expected 0 to 1'",
        "--max-expected-loss,-1,'--max-expected-loss is -1.0, expected 0 to 1'",
        "--max-value-remaining,Infinity,'a finite number, not less than 0'",
        "--min-decisions-per-arm,-1,'not less than 0'",
        "--position,0,'expected 1 to 3'",
        "--prior,x,'is not ALPHA,BETA'",
        "extra,,'Expected an EXPERIMENT or a log by --store, and not both'"
    })
    void what_cannot_be_is_wrong_usage(String option, String value, String told) {
        Run run = value == null ? conclude(Dataset.RANDOM, option) : conclude(Dataset.RANDOM, option, value);
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains(told);
    }

    @Test
    void neither_an_experiment_nor_a_log_is_wrong_usage() {
        assertThat(Run.of("conclude").status()).isEqualTo(2);
        assertThat(Run.of("conclude", "--prob-best", "0.9").status()).isEqualTo(2);
        assertThat(Run.of("conclude", "x", "--prob-best", "0.9").status()).isEqualTo(2);
    }
}
