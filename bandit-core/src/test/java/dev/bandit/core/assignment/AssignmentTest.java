package dev.bandit.core.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssignmentTest {
    /**
     * Pinned: changing any of these reassigns users. From Python, with {@code h = hashlib.sha256((salt + "\0" + unit).encode())}:
     * {@code (int.from_bytes(h.digest()[:8], "big") >> 11) / 2**53}.
     */
    @ParameterizedTest
    @CsvSource({
        "'', '', 0x1.b8d02e73fecdep-2",
        "exp-1, user-1, 0x1.91c8b0601e6fep-1",
        "exp-1, user-2, 0x1.5e73f70f645a8p-1",
        "exp-2, user-1, 0x1.edd4af58cd5a0p-3",
        "checkout button, ünïcødé-😀, 0x1.202d51aa47b45p-1",
        "a, bc, 0x1.02ed51f64daeep-2",
        "ab, c, 0x1.b00cb98c74e68p-2",
    })
    void units_stay_where_they_are(String salt, String unit, double expected) {
        assertThat(Assignment.uniform(salt, unit)).isEqualTo(expected);
    }

    /** Chi-squared with 99 degrees of freedom exceeds 182 with probability 7e-7; the units are fixed, so it did not. */
    @Test
    void units_spread_evenly() {
        int units = 200_000;
        int[] count = new int[100];
        for (int i = 0; i < units; i++) {
            count[(int) (100 * Assignment.uniform("spread", "user-" + i))]++;
        }
        assertThat(chiSquared(count, units / 100.0)).isLessThan(182);
    }

    /** As above, over the cells of a table: two salts must assign the same units independently. */
    @Test
    void salts_assign_independently() {
        int units = 200_000;
        int[] count = new int[100];
        for (int i = 0; i < units; i++) {
            int one = (int) (10 * Assignment.uniform("experiment-1", "user-" + i));
            int two = (int) (10 * Assignment.uniform("experiment-2", "user-" + i));
            count[10 * one + two]++;
        }
        assertThat(chiSquared(count, units / 100.0)).isLessThan(182);
    }

    @Test
    void threads_do_not_disturb_each_other() {
        double[] alone = IntStream.range(0, 20_000)
                .mapToDouble(i -> Assignment.uniform("s", "u" + i))
                .toArray();
        double[] together = IntStream.range(0, 20_000)
                .parallel()
                .mapToDouble(i -> Assignment.uniform("s", "u" + i))
                .toArray();
        assertThat(together).containsExactly(alone);
    }

    private static double chiSquared(int[] count, double expected) {
        double sum = 0;
        for (int observed : count) {
            sum += (observed - expected) * (observed - expected) / expected;
        }
        return sum;
    }
}
