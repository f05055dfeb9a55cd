package dev.bandit.pipeline.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.cli.CommandFailed;
import dev.bandit.core.posterior.BestArm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetPolicyTest {

    private static final List<String> ARMS = List.of("0", "1", "2");
    private static final double[] ALPHA = {3, 5, 2.5};
    private static final double[] BETA = {30, 40, 10};

    @TempDir
    private Path folder;

    @Test
    void uniform_is_the_same_everywhere() {
        TargetPolicy uniform = of("uniform");
        assertThat(uniform.probabilities()).hasDimensions(2, 3);
        assertThat(uniform.probability(1, 1)).isEqualTo(1.0 / 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "p.csv  | arm,alpha,beta;2,2.5,10;0,3,30;1,5,40",
                "p.csv  | item_id,beta,alpha,more;0,30,3,x;1,40,5,x;2,10,2.5,x",
                "p.yaml | alpha: [3, 5, 2.5];beta: [30, 40, 10]",
                "p.yaml | men:;  alpha: [3.0, 5.0, 2.5];  beta: [30.0, 40.0, 10.0];all:;  alpha: [1];  beta: [1]",
                "p.json | {'experiment_id': 'x', 'arms': [{'arm_id': '1', 'alpha': 5, 'beta': 40}, {'arm_id': '0', 'alpha': 3, 'beta': 30},"
                        + " {'arm_id': '2', 'alpha': 2.5, 'beta': 10}]}",
            })
    void posteriors_are_read_in_every_form(String name, String text) throws IOException {
        Path file = file(name, text.replace('\'', '"'));
        double[] best = BestArm.probabilities(ALPHA, BETA);
        double[][] thompson = of("posterior:" + file).probabilities();
        assertThat(thompson[0]).containsExactly(best, within(1e-8));
        assertThat(thompson[1]).isNotEqualTo(thompson[0]);
        assertThat(Arrays.stream(thompson[1]).sum()).isCloseTo(1, within(1e-12));
        assertThat(of("thompson:" + file).probabilities()).isDeepEqualTo(thompson);
        assertThat(of("epsilon_greedy:" + file).probabilities()[1])
                .containsExactly(new double[] {0.05, 0.05, 0.9}, within(1e-12));
        assertThat(of("top_two:" + file).probabilities()[0][2]).isGreaterThan(0.4);
    }

    @Test
    void a_table_is_taken_as_it_is() throws IOException {
        Path by = file("t.csv", "item_id,position,probability;0,1,0.25;1,1,0.75;2,2,1");
        assertThat(of("table:" + by).probabilities()).isDeepEqualTo(new double[][] {{0.25, 0.75, 0}, {0, 0, 1}});
        Path alike = file("u.csv", "arm,probability;0,0.5;2,0.5");
        assertThat(of("table:" + alike).probabilities()).isDeepEqualTo(new double[][] {{0.5, 0, 0.5}, {0.5, 0, 0.5}});
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "posterior | p.csv  | arm,alpha,beta;0,3,30;1,5,40                   | has no arm 2, expected all 3 arms of the log",
                "posterior | p.csv  | arm,alpha,beta;0,3,30;1,5,x;2,1,1              | line 3 has 'x' for beta, expected a number",
                "posterior | p.csv  | arm,alpha,beta;0,3,30;1,5,0;2,1,1              | beta of arm 1 is 0.0, expected a number above 0",
                "posterior | p.csv  | arm,alpha,beta;0,3,NaN;1,5,1;2,1,1             | beta of arm 0 is NaN",
                "posterior | p.csv  | arm,alpha,beta;0,3,3;0,5,1;2,1,1               | line 3 has the arm 0 again",
                "posterior | p.csv  | arm,alpha,gamma;0,3,3                          | has no column beta",
                "posterior | p.csv  | name,alpha,beta;0,3,3                          | has no column arm",
                "posterior | p.csv  | arm,alpha,beta;0,3                             | line 2 ends before its beta",
                "posterior | p.yaml | alpha: [1, 2];beta: [1, 2]                     | alpha and beta have 2 and 2 numbers, expected one for each of the 3 arms",
                "posterior | p.yaml | alpha: [1, 2, x];beta: [1, 2, 3]               | alpha[2] is x, expected a number",
                "posterior | p.yaml | women: {alpha: [1], beta: [1]}                 | expected lists alpha and beta, at the top or under men",
                "posterior | p.yaml | 'alpha: ['                                     | is neither YAML nor JSON",
                "posterior | p.json | {\"arms\": [{\"alpha\": 1}]}                   | arms[0] has no arm_id",
                "table     | t.csv  | arm,probability;0,0.5;1,0.4                    | the probabilities of position 1 sum to 0.9, expected 1",
                "table     | t.csv  | arm,probability;0,0.5;7,0.5                    | line 3 is about the arm 7, expected one of the log",
                "table     | t.csv  | arm,probability;0,1.5;1,-0.5                   | line 2 has the probability 1.5, expected 0 to 1",
                "table     | t.csv  | arm,position,probability;0,3,1                 | line 2 has the position 3, expected 1 to 2",
                "table     | t.csv  | arm,position,probability;0,1,0.5;0,1,0.5       | line 3 has the arm 0 again",
                "magic     | t.csv  | x                                              | The policy is 'magic', expected uniform",
            })
    void what_a_file_lacks_is_told(String kind, String name, String text, String told) throws IOException {
        Path file = file(name, text);
        assertThatThrownBy(() -> of(kind + ":" + file))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining(told)
                .hasMessageContaining(kind.equals("magic") ? "magic" : file.toString());
    }

    @Test
    void files_that_cannot_be_read_are_told() throws IOException {
        assertThatThrownBy(() -> of("posterior:" + folder.resolve("none.csv")))
                .hasMessageEndingWith("none.csv: is not there");
        assertThatThrownBy(() -> of("posterior:" + folder.resolve("none.yaml")))
                .hasMessageEndingWith("none.yaml: is not there");
        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, new byte[] {'a', ':', ' ', (byte) 0xe4});
        assertThatThrownBy(() -> of("posterior:" + latin)).hasMessageEndingWith("latin.yaml: is no UTF-8 text");
        assertThatThrownBy(() -> of("thompson")).hasMessageStartingWith("The policy is 'thompson', expected uniform");
    }

    private static TargetPolicy of(String spec) {
        return TargetPolicy.of(spec, "men", ARMS, 2, 0.15);
    }

    private Path file(String name, String lines) throws IOException {
        return Files.writeString(folder.resolve(name), lines.replace(';', '\n') + "\n");
    }
}
