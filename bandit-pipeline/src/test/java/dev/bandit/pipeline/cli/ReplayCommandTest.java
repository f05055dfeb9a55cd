package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.pipeline.obd.Generator;
import dev.bandit.pipeline.testing.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

class ReplayCommandTest {

    private static final long ROWS = 120_000;

    @TempDir
    private static Path folder;

    @BeforeAll
    static void ingest() {
        Path made = Dataset.made(folder.resolve("made"), ROWS, false);
        assertThat(Run.of("ingest", "--from", made, "--store", folder.resolve("store"))
                        .status())
                .isZero();
    }

    private static Run replay(Object... more) {
        List<Object> all = new ArrayList<>(List.<Object>of(
                "replay", "--store", folder.resolve("store"), "--behavior", "random", "--campaign", "men"));
        all.addAll(Arrays.asList(more));
        return Run.of(all.toArray());
    }

    /** Five standard errors of one run, while it is the mean of several: exceeded less than once in 1.7 million seeds. */
    @Test
    void a_fixed_split_on_a_random_log_earns_the_mean_rate() {
        Run run = replay("--policy", "fixed", "--seeds", "10", "--format", "json");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        JsonNode report = JsonMapper.shared().readTree(run.out());
        double value = Generator.of(Dataset.RANDOM, 7).value();
        assertThat(report.path("rounds").asLong()).isEqualTo(ROWS);
        assertThat(report.path("runs").size()).isEqualTo(10);
        assertThat(report.path("reward").path("mean").asDouble())
                .isCloseTo(value, within(5 * Math.sqrt(value / (ROWS / 34.0))));
        assertThat(report.path("reward_by_log").path("low").asDouble()).isLessThan(value);
        assertThat(report.path("reward_by_log").path("high").asDouble()).isGreaterThan(value);
        assertThat(report.path("match_rate").path("mean").asDouble())
                .isCloseTo(1 / 34.0, within(5 * Math.sqrt(1 / 34.0 / ROWS)));
        assertThat(report.path("epsilon").isMissingNode()).isTrue();
    }

    @Test
    void one_position_alone_has_a_third_of_the_rounds_and_its_own_rates() {
        JsonNode report = JsonMapper.shared()
                .readTree(replay("--position", "3", "--format", "json").out());
        assertThat(report.path("log").asString()).isEqualTo("random/men, position 3");
        assertThat(report.path("rounds").asLong()).isBetween(ROWS / 3 - 1_000, ROWS / 3 + 1_000);
    }

    @Test
    void the_same_seed_gives_the_same_files_and_another_one_others() throws IOException {
        for (String name : List.of("a", "b")) {
            Run run = replay("--seeds", "3", "--out", folder.resolve(name));
            assertThat(run.status()).isZero();
            assertThat(run.err()).contains("replay.csv", "replay-reward.png", "replay-regret.png");
        }
        replay("--seeds", "3", "--seed", "2", "--out", folder.resolve("c"));
        String csv = Files.readString(folder.resolve("a/replay.csv"));
        assertThat(csv).startsWith("decisions,rewards,rewards_low,rewards_high,regret,regret_low,regret_high\n");
        assertThat(csv.lines().skip(1))
                .allSatisfy(line -> assertThat(line.split(",")).hasSize(7));
        assertThat(folder.resolve("b/replay.csv")).hasContent(csv);
        assertThat(Files.readString(folder.resolve("c/replay.csv"))).isNotEqualTo(csv);
        assertThat(ImageIO.read(folder.resolve("a/replay-reward.png").toFile()).getWidth())
                .isEqualTo(2_000);
        assertThat(ImageIO.read(folder.resolve("a/replay-regret.png").toFile()).getWidth())
                .isEqualTo(2_000);
    }

    @Test
    void a_single_run_has_no_interval_over_seeds() {
        JsonNode report = JsonMapper.shared()
                .readTree(replay("--seeds", "1", "--format", "json").out());
        assertThat(report.path("reward").path("seeds").isMissingNode()).isTrue();
        assertThat(replay("--seeds", "1").out()).contains("–");
    }

    /** Ten thousand rounds, of which one in 34 counts; the other policy's smallest propensity leaves next to none. */
    @Test
    void the_sample_is_replayed_as_far_as_it_goes() {
        Path data = Dataset.sample(folder.resolve("data"));
        Path store = folder.resolve("sample");
        assertThat(Run.of("ingest", "--from", data, "--store", store).status()).isZero();
        Run random = Run.of("replay", "--store", store, "--behavior", "random", "--campaign", "men");
        assertThat(random.status()).isZero();
        assertThat(random.out()).contains("10,000 rounds, 20 runs");
        Run bts = Run.of("replay", "--store", store, "--behavior", "bts", "--campaign", "men");
        assertThat(bts.status()).isEqualTo(3);
        assertThat(bts.out()).isEmpty();
        assertThat(bts.err()).startsWith("These logs cannot answer this: ");
    }

    @ParameterizedTest
    @CsvSource({
        "--position,4,'--position is 4, expected 1 to 3'",
        "--epsilon,1.5,'--epsilon is 1.5, expected 0 to 1'",
        "--epsilon,NaN,'--epsilon is NaN, expected 0 to 1'",
        "--batch,0,'--batch is 0, expected at least 1'",
        "--delay,-1,'--delay is -1, expected not less than 0'",
        "--seeds,0,'--seeds is 0, expected 1 to 10000'",
        "--min-allocation,0.03,'--min-allocation is 0.03, expected 0 to 1/34, for 34 arms'",
        "--prior,'1,0',is not ALPHA",
        "--policy,best,best"
    })
    void what_cannot_be_is_wrong_usage(String option, String value, String told) {
        Run run = replay(option, value);
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(told);
    }

    @Test
    void a_log_has_to_be_named_whole_and_to_be_there() {
        assertThat(Run.of("replay", "--store", folder.resolve("store"), "--campaign", "men")
                        .status())
                .isEqualTo(2);
        Run missing = Run.of("replay", "--store", folder.resolve("store"), "--behavior", "bts", "--campaign", "all");
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("There is no bts/all");
    }
}
