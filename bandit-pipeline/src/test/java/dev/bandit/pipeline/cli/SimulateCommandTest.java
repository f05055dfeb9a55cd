package dev.bandit.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.pipeline.pipes.Pipes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SimulateCommandTest {

    /** 0.02 / KL(0.1, 0.12) + 0.03 / KL(0.09, 0.12). */
    private static final double CONSTANT = 0.02 / (0.1 * Math.log(0.1 / 0.12) + 0.9 * Math.log(0.9 / 0.88))
            + 0.03 / (0.09 * Math.log(0.09 / 0.12) + 0.91 * Math.log(0.91 / 0.88));

    private record Ended(int status, String out, String err) {}

    private static Ended simulate(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> all = new ArrayList<>(List.of("simulate"));
        all.addAll(Arrays.asList(args));
        int status = PipelineCommand.commandLine(Pipes.none())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all.toArray(String[]::new));
        return new Ended(status, out.toString(), err.toString());
    }

    private static JsonNode json(String... args) {
        List<String> all = new ArrayList<>(Arrays.asList(args));
        all.addAll(List.of("--format", "json"));
        Ended ended = simulate(all.toArray(String[]::new));
        assertThat(ended.err()).isEmpty();
        assertThat(ended.status()).isZero();
        return JsonMapper.shared().readTree(ended.out());
    }

    /** The gaps are 0.02, 0 and 0.03. */
    @Test
    void a_fixed_split_loses_the_mean_gap_and_the_bound_stands_beside_it() {
        JsonNode result = json(
                "--prob",
                "control=0.10,a=0.12,b=0.09",
                "--policy",
                "fixed",
                "--horizon",
                "3000",
                "--replications",
                "20");
        JsonNode fixed = result.path("policies").path(0);
        assertThat(fixed.path("policy").asString()).isEqualTo("fixed");
        assertThat(fixed.path("epsilon").isNull()).isTrue();
        assertThat(fixed.path("regret").path("mean").asDouble()).isCloseTo(50, within(1e-9));
        assertThat(fixed.path("regret").path("ci95").path(1).asDouble()).isCloseTo(50, within(1e-9));
        assertThat(fixed.path("best_arm_share").path("mean").asDouble()).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(result.path("lai_robbins").path("constant").asDouble()).isCloseTo(CONSTANT, within(1e-9));
        assertThat(result.path("lai_robbins").path("at_horizon").asDouble())
                .isCloseTo(CONSTANT * Math.log(3000), within(1e-8));
        JsonNode last = fixed.path("curve").path(fixed.path("curve").size() - 1);
        assertThat(last.path("decisions").asLong()).isEqualTo(3000);
        assertThat(last.path("mean").asDouble())
                .isEqualTo(fixed.path("regret").path("mean").asDouble());
    }

    @Test
    void the_json_says_what_was_played() {
        JsonNode result = json(
                "--prob",
                "a=0.1,b=0.2",
                "--policy",
                "epsilon_greedy,top_two",
                "--epsilon",
                "0.2",
                "--horizon",
                "500",
                "--replications",
                "4",
                "--delay",
                "20",
                "--refresh",
                "10",
                "--min-allocation",
                "0.05",
                "--prior",
                "2,7.5",
                "--seed",
                "42",
                "--change",
                "100:a=0.3",
                "--change",
                "50:b=0.15,a=0.12");
        assertThat(result.propertyNames())
                .containsExactly(
                        "seed",
                        "horizon",
                        "replications",
                        "delay",
                        "refresh",
                        "min_allocation",
                        "prior",
                        "arms",
                        "changes",
                        "lai_robbins",
                        "policies");
        assertThat(result.path("seed").asLong()).isEqualTo(42);
        assertThat(result.path("horizon").asLong()).isEqualTo(500);
        assertThat(result.path("replications").asInt()).isEqualTo(4);
        assertThat(result.path("delay").asLong()).isEqualTo(20);
        assertThat(result.path("refresh").asLong()).isEqualTo(10);
        assertThat(result.path("min_allocation").asDouble()).isEqualTo(0.05);
        assertThat(result.path("prior").toString()).isEqualTo("{\"alpha\":2.0,\"beta\":7.5}");
        assertThat(result.path("arms").toString())
                .isEqualTo("[{\"arm\":\"a\",\"rate\":0.1},{\"arm\":\"b\",\"rate\":0.2}]");
        assertThat(result.path("changes").toString())
                .isEqualTo(
                        "[{\"decisions\":50,\"arm\":\"b\",\"rate\":0.15},{\"decisions\":50,\"arm\":\"a\",\"rate\":0.12},"
                                + "{\"decisions\":100,\"arm\":\"a\",\"rate\":0.3}]");
        assertThat(result.path("lai_robbins").isNull()).isTrue();
        assertThat(result.path("policies").path(0).path("epsilon").asDouble()).isEqualTo(0.2);
        assertThat(result.path("policies").path(1).path("policy").asString()).isEqualTo("top_two");
        List<Long> moments = new ArrayList<>();
        result.path("policies")
                .path(0)
                .path("curve")
                .forEach(point -> moments.add(point.path("decisions").asLong()));
        assertThat(moments)
                .isSorted()
                .doesNotHaveDuplicates()
                .startsWith(1L, 2L)
                .contains(50L, 100L, 10L)
                .endsWith(500L);
    }

    /** With the change the gap of a fixed split is 0.05 for 200 decisions, then 0.15 for 300. */
    @Test
    void rates_change_and_regret_is_against_the_best_of_the_moment() {
        JsonNode result = json(
                "--prob",
                "a=0.1,b=0.2",
                "--policy",
                "fixed",
                "--horizon",
                "500",
                "--replications",
                "2",
                "--change",
                "200:a=0.5");
        assertThat(result.path("policies").path(0).path("regret").path("mean").asDouble())
                .isCloseTo(200 * 0.05 + 300 * 0.15, within(1e-9));
    }

    @Test
    void a_seed_gives_the_same_and_another_one_does_not() {
        String[] args = {"--prob", "a=0.1,b=0.2", "--horizon", "2000", "--replications", "20", "--seed", "5"};
        Ended first = simulate(args);
        assertThat(simulate(args)).isEqualTo(first);
        args[7] = "6";
        assertThat(simulate(args).out()).isNotEqualTo(first.out());
    }

    @Test
    void the_text_has_a_row_for_each_policy_and_some_of_the_curve() {
        Ended ended = simulate(
                "--prob",
                "control=0.1,a=0.12",
                "--policy",
                "thompson,fixed",
                "--horizon",
                "2500",
                "--replications",
                "10");
        assertThat(ended.status()).isZero();
        assertThat(ended.out().lines())
                .contains("Arms      control 10 %, a 12 %", "Played    2,500 decisions, 10 times, seed 1")
                .anyMatch(line -> line.matches("REGRET AFTER +thompson +fixed +C ln T"))
                .anyMatch(line -> line.matches("1,000 +\\d+\\.\\d +10\\.0 +69\\.3"))
                .anyMatch(line -> line.matches("2,500 +\\d+\\.\\d +25\\.0 +78\\.5"))
                .anyMatch(line -> line.matches("fixed +25\\.0 +25\\.0 to 25\\.0 +50\\.00 % +0\\.32"));
    }

    @Test
    void a_folder_gets_the_curves_as_csv_and_a_picture(@TempDir Path temporary) throws IOException {
        Path folder = temporary.resolve("new/er");
        String[] args = {
            "--prob",
            "a=0.1,b=0.2",
            "--policy",
            "thompson,fixed",
            "--horizon",
            "1000",
            "--replications",
            "20",
            "--out",
            folder.toString()
        };
        assertThat(simulate(args).err().lines())
                .containsExactly(
                        "Written: " + folder.resolve("regret.csv"), "Written: " + folder.resolve("regret.png"));
        assertThat(simulate(args).status()).isZero();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(Path::getFileName).map(Path::toString))
                    .containsExactlyInAnyOrder("regret.csv", "regret.png");
        }
        List<String> lines = Files.readAllLines(folder.resolve("regret.csv"));
        assertThat(lines.getFirst()).isEqualTo("policy,decisions,regret,standard_error,ci_low,ci_high,lai_robbins");
        String[] last = lines.getLast().split(",", -1);
        assertThat(last[0]).isEqualTo("fixed");
        assertThat(last[1]).isEqualTo("1000");
        assertThat(Double.parseDouble(last[2])).isCloseTo(50, within(1e-9));
        assertThat(Double.parseDouble(last[6]))
                .isCloseTo(0.1 / (0.1 * Math.log(0.5) + 0.9 * Math.log(0.9 / 0.8)) * Math.log(1000), within(1e-9));
        BufferedImage picture = ImageIO.read(folder.resolve("regret.png").toFile());
        assertThat(picture.getWidth()).isEqualTo(2000);
        assertThat(picture.getHeight()).isEqualTo(1120);
    }

    @Test
    void a_folder_that_cannot_be_made_is_told_before_anything_is_played(@TempDir Path temporary) throws IOException {
        Path file = Files.createFile(temporary.resolve("file"));
        Ended inside = simulate(
                "--prob", "a=0.1,b=0.2", "--out", file.resolve("folder").toString());
        assertThat(inside.status()).isEqualTo(1);
        assertThat(inside.out()).isEmpty();
        assertThat(inside.err()).contains("cannot be made");
        Ended itself = simulate("--prob", "a=0.1,b=0.2", "--out", file.toString());
        assertThat(itself.status()).isEqualTo(2);
        assertThat(itself.err()).contains("is a file, expected a folder");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--policy thompson                                  | Missing required option: '--prob=ARM=RATE,...'",
                "--prob=                                            | Invalid value for option '--prob': '', expected ARM=RATE",
                "--prob a                                           | Invalid value for option '--prob': 'a', expected ARM=RATE",
                "--prob a=0.1,                                      | Invalid value for option '--prob': '', expected ARM=RATE",
                "--prob a=x,b=0.1                                   | Invalid value for option '--prob': 'a=x', 'x' is no number",
                "--prob =0.1,b=0.1                                  | Invalid value for option '--prob': '=0.1', expected ARM=RATE",
                "--prob a=0.1,a=0.2                                 | Invalid value for option '--prob': 'a=0.2', the arm is named twice",
                "--prob a=0.1                                       | There must be from 2 to 1,000 arms, but there are 1",
                "--prob a=0.1,b=1.5                                 | The rate of 'b' must be from 0 to 1, but is 1.5",
                "--prob a=-0.1,b=0.5                                | The rate of 'a' must be from 0 to 1, but is -0.1",
                "--prob a=NaN,b=0.5                                 | The rate of 'a' must be from 0 to 1, but is NaN",
                "--prob a=0.1,b=0.2 --policy ucb                    | Invalid value for option '--policy' (POLICY): expected one of",
                "--prob a=0.1,b=0.2 --policy=fixed,fixed            | The policy fixed is named twice",
                "--prob a=0.1,b=0.2 --horizon 0                     | The horizon must be from 1 to 1000000000, but is 0",
                "--prob a=0.1,b=0.2 --horizon 1e5                   | Invalid value for option '--horizon': '1e5' is not a long",
                "--prob a=0.1,b=0.2 --horizon 9999999999            | The horizon must be from 1 to 1000000000, but is 9999999999",
                "--prob a=0.1,b=0.2 --replications 1                | The number of replications must be from 2 to 1000000, but is 1",
                "--prob a=0.1,b=0.2 --delay=-1                      | The delay must be from 0 to 10000, but is -1",
                "--prob a=0.1,b=0.2 --delay 10001                   | The delay must be from 0 to 10000, but is 10001",
                "--prob a=0.1,b=0.2 --refresh=-5                    | The refresh must be from 0 to 10000, but is -5",
                "--prob a=0.1,b=0.2 --min-allocation 0.6            | The least allocation must be from 0 to 1 / 2, but is 0.6",
                "--prob a=0.1,b=0.2 --min-allocation NaN            | The least allocation must be from 0 to 1 / 2, but is NaN",
                "--prob a=0.1,b=0.2 --epsilon 0.1                   | Only epsilon_greedy has an epsilon, and it is not among the policies",
                "--prob a=0.1,b=0.2 --policy epsilon_greedy --epsilon 2 | Epsilon must be from 0 to 1, but is 2.0",
                "--prob a=0.1,b=0.2 --prior 1                       | Invalid value for option '--prior': '1' is not ALPHA,BETA",
                "--prob a=0.1,b=0.2 --prior 0,1                     | Invalid value for option '--prior': '0,1' is not ALPHA,BETA",
                "--prob a=0.1,b=0.2 --prior 1,x                     | Invalid value for option '--prior': '1,x' is not ALPHA,BETA",
                "--prob a=0.1,b=0.2 --prior 1,Infinity              | Invalid value for option '--prior': '1,Infinity' is not ALPHA,BETA",
                "--prob a=0.1,b=0.2 --prior 1,1e7                   | Both numbers of the prior must be from 0.000001 to 1000000, but are 1.0 and 1.0E7",
                "--prob a=0.1,b=0.2 --seed x                        | Invalid value for option '--seed': 'x' is not a long",
                "--prob a=0.1,b=0.2 --format xml                    | Invalid value for option '--format': expected one of [text, json]",
                "--prob a=0.1,b=0.2 --change a=0.2                  | Invalid value for option '--change': 'a=0.2', expected N:ARM=RATE",
                "--prob a=0.1,b=0.2 --change x:a=0.2                | Invalid value for option '--change': 'x:a=0.2', 'x' is no whole number",
                "--prob a=0.1,b=0.2 --change 0:a=0.2                | A change must come after at least 1 and before 10000 decisions, but is at 0",
                "--prob a=0.1,b=0.2 --change 10000:a=0.2            | A change must come after at least 1 and before 10000 decisions, but is at 10000",
                "--prob a=0.1,b=0.2 --change 5:c=0.2                | The change after 5 decisions is of 'c', which is no arm",
                "--prob a=0.1,b=0.2 --change 5:a=2                  | The rate of 'a' must be from 0 to 1, but is 2.0",
                "--prob a=0.1,b=0.2 --change 5:a=0.2 --change 5:b=0 | Invalid value for option '--change': '5:b=0', there is one after 5 decisions already",
                "--prob a=0.1,b=0.2 --nonsense 5                    | Unknown option: '--nonsense'",
                "--prob a=0.1,b=0.2 surplus                         | Unknown argument: 'surplus'",
            })
    void wrong_usage_is_told_in_a_sentence(String args, String sentence) {
        Ended ended = simulate(args.split(" +"));
        assertThat(ended.err().lines().findFirst().orElseThrow()).startsWith(sentence);
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
    }
}
