package dev.bandit.pipeline.obd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.pipeline.store.Checksum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GeneratorTest {

    private static final long SEED = 20261122;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void propensities_of_a_position_sum_to_one(Behavior behavior) {
        for (Campaign campaign : Campaign.values()) {
            Generator generator = Generator.of(new Part(behavior, campaign), SEED);
            for (int position = 1; position <= Generator.POSITIONS; position++) {
                double sum = 0;
                for (int item = 0; item < generator.items(); item++) {
                    assertThat(generator.propensity(item, position)).isPositive();
                    sum += generator.propensity(item, position);
                }
                assertThat(sum).isEqualTo(1, within(1e-12));
            }
        }
    }

    @Test
    void the_same_seed_makes_the_same_log() throws IOException {
        Part part = new Part(Behavior.BTS, Campaign.MEN);
        Generator.of(part, SEED).write(folder.resolve("a"), 500, false);
        Generator.of(part, SEED).write(folder.resolve("b"), 500, false);
        Generator.of(part, SEED + 1).write(folder.resolve("c"), 500, false);
        assertThat(log("a")).isEqualTo(log("b")).isNotEqualTo(log("c"));
    }

    /**
     * Clicks come at the stated rates, items at the stated propensities, and each policy's value can be told from the other's log. Each of
     * the six z-scores exceeds 6 with probability 2e-9.
     */
    @Test
    void the_log_is_what_it_is_said_to_be() throws IOException {
        int rows = 400_000;
        Generator random = Generator.of(new Part(Behavior.RANDOM, Campaign.MEN), SEED);
        Generator bts = Generator.of(new Part(Behavior.BTS, Campaign.MEN), SEED);
        assertThat(bts.value()).isGreaterThan(random.value() * 1.1);
        random.write(folder, rows, false);
        bts.write(folder, rows, false);
        check(random, bts, folder.resolve("random/men/men.csv"));
        check(bts, random, folder.resolve("bts/men/men.csv"));
    }

    private static void check(Generator logged, Generator other, Path log) throws IOException {
        double n = 0;
        double clicks = 0;
        double best = 0;
        double weighted = 0;
        double squares = 0;
        try (var lines = Files.lines(log)) {
            for (String line : (Iterable<String>) lines.skip(1)::iterator) {
                String[] fields = line.split(",", 7);
                int item = Integer.parseInt(fields[2]);
                int position = Integer.parseInt(fields[3]);
                int click = Integer.parseInt(fields[4]);
                double propensity = Double.parseDouble(fields[5]);
                assertThat(propensity).isEqualTo(logged.propensity(item, position));
                n++;
                clicks += click;
                best += item == 3 && position == 2 ? 1 : 0;
                double reward = other.propensity(item, position) / propensity * click;
                weighted += reward;
                squares += reward * reward;
            }
        }
        assertNear(clicks, n, logged.value());
        assertNear(best, n, logged.propensity(3, 2) / Generator.POSITIONS);
        double mean = weighted / n;
        double error = Math.sqrt((squares / n - mean * mean) / n);
        assertThat(Math.abs(mean - other.value()) / error).isLessThan(6);
    }

    private static void assertNear(double count, double of, double probability) {
        double error = Math.sqrt(of * probability * (1 - probability));
        assertThat(Math.abs(count - of * probability) / error).isLessThan(6);
    }

    private Checksum log(String in) throws IOException {
        return Checksum.of(folder.resolve(in).resolve("bts/men/men.csv"));
    }
}
