package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bandit.core.inference.Verdict.Facts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerdictTest {

    /** A dot: whatever it is. The order of the rows is the order of the decision. */
    @ParameterizedTest
    @CsvSource({
        "no, ., ., ., ., ., INCOMPLETE",
        "yes, yes, ., ., ., ., UNHEALTHY",
        "yes, no, yes, ., ., ., LATENCY_REGRESSION",
        "yes, no, no, no, ., ., UNDERPOWERED",
        "yes, no, no, yes, yes, yes, SHIP",
        "yes, no, no, yes, no, ., DO_NOT_SHIP",
        "yes, no, no, yes, ., no, DO_NOT_SHIP",
    })
    void is_the_first_row_that_applies(
            String complete,
            String mismatch,
            String slower,
            String decided,
            String better,
            String enough,
            Verdict expected) {
        String[] row = {complete, mismatch, slower, decided, better, enough};
        int matching = 0;
        for (int bits = 0; bits < 64; bits++) {
            boolean[] facts = new boolean[6];
            boolean applies = true;
            for (int i = 0; i < 6; i++) {
                facts[i] = (bits >> i & 1) == 1;
                applies &= row[i].equals(".") || row[i].equals(facts[i] ? "yes" : "no");
            }
            if (applies) {
                matching++;
                assertThat(Verdict.of(new Facts(facts[0], facts[1], facts[2], facts[3], facts[4], facts[5])))
                        .isEqualTo(expected);
            }
        }
        assertThat(matching).isPositive();
    }

    @Test
    void has_the_names_that_teams_know() {
        assertThat(Verdict.values())
                .extracting(Verdict::label)
                .containsExactly(
                        "SHIP",
                        "DO NOT SHIP (CHECK GUARDRAILS)",
                        "PENDING (UNDERPOWERED)",
                        "PENDING (LATENCY REGRESSION)",
                        "INCOMPLETE",
                        "UNHEALTHY");
    }
}
