package dev.bandit.core.numeric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CompensatedSumsTest {
    private static final int TERMS = 20_000;

    private final SplittableRandom random = new SplittableRandom(91);

    private double term() {
        return (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(-8, 9));
    }

    /** Terms of 16 orders of magnitude: a plain sum has lost half of its digits. */
    @Test
    void products_keep_the_digits_that_a_double_has_not() {
        CompensatedSums sums = new CompensatedSums(2);
        BigDecimal pairs = BigDecimal.ZERO;
        BigDecimal triples = BigDecimal.ZERO;
        for (int i = 0; i < TERMS; i++) {
            double x = term();
            double y = term();
            double count = random.nextInt(1, 1_000_000);
            sums.addProduct(0, x, y);
            sums.addProduct(1, count, x, y);
            BigDecimal product = new BigDecimal(x).multiply(new BigDecimal(y));
            pairs = pairs.add(product);
            triples = triples.add(product.multiply(new BigDecimal(count)));
        }
        checkDigits(sums.exact(0), pairs);
        checkDigits(sums.exact(1), triples);
    }

    private static void checkDigits(BigDecimal actual, BigDecimal expected) {
        double error = actual.subtract(expected)
                .divide(expected, MathContext.DECIMAL64)
                .abs()
                .doubleValue();
        assertThat(error).isLessThan(1e-26);
    }

    @Test
    void the_state_is_all_they_know() {
        CompensatedSums whole = new CompensatedSums(1);
        CompensatedSums parts = new CompensatedSums(1);
        CompensatedSums part = new CompensatedSums(1);
        for (int i = 0; i < TERMS; i++) {
            double x = term();
            whole.add(0, x);
            part.add(0, x);
            if (i % 777 == 0) {
                parts.addAll(CompensatedSums.of(part.state()));
                part = new CompensatedSums(1);
            }
        }
        parts.addAll(part);
        assertThat(parts.size()).isOne();
        assertThat(parts.get(0)).isCloseTo(whole.get(0), within(1e-15 * Math.abs(whole.get(0))));
    }

    @Test
    void what_is_no_state_is_refused() {
        assertThatThrownBy(() -> CompensatedSums.of(new double[3])).hasMessageContaining("has 3");
        assertThatThrownBy(() -> CompensatedSums.of(new double[] {1, Double.NaN}))
                .hasMessageContaining("NaN");
        CompensatedSums one = new CompensatedSums(1);
        assertThatThrownBy(() -> one.addAll(new CompensatedSums(2))).hasMessageContaining("must be 1");
    }
}
