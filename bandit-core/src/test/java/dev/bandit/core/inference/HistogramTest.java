package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Map;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramTest {
    private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_EVEN);

    @Test
    void rounding_is_off_by_half_a_percent_at_most_and_changes_nothing_twice() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(41);
        for (int i = 0; i < 100_000; i++) {
            double value = (random.nextBoolean() ? 1 : -1) * Math.pow(10, -300 + 608 * random.nextDouble());
            double rounded = Histogram.rounded(value);
            assertThat(Math.abs(rounded - value)).as("%s", value).isLessThanOrEqualTo(0.00501 * Math.abs(value));
            assertThat(Histogram.rounded(rounded)).as("%s", value).isEqualTo(rounded);
            assertThat(Histogram.rounded(-value)).isEqualTo(-rounded);
        }
    }

    @Test
    void around_every_power_of_ten_rounding_changes_nothing_twice() {
        for (int exponent = -299; exponent <= 308; exponent++) {
            double power = Double.parseDouble("1e" + exponent);
            for (double factor :
                    new double[] {1, 0.9994, 0.9996, 0.99951, 1 - 1e-15, 1 + 1e-15, 1.0049, 1.0051, 1.79}) {
                double rounded = Histogram.rounded(power * factor);
                assertThat(Histogram.rounded(rounded))
                        .as("%s e%s", factor, exponent)
                        .isEqualTo(rounded);
            }
            assertThat(Histogram.rounded(power * 0.9996)).isEqualTo(Histogram.rounded(power));
        }
    }

    @Test
    void keys_are_the_decimals_of_three_digits() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(42);
        for (int i = 0; i < 100_000; i++) {
            double value = Math.pow(10, -20 + 40 * random.nextDouble());
            double expected = new BigDecimal(value).round(THREE_DIGITS).doubleValue();
            assertThat(Histogram.rounded(value)).as("%s", value).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-299, -24, -3, -1, 0, 1, 2, 3, 21, 22, 23, 24, 100, 306})
    void a_power_of_ten_has_at_most_1800_keys(int exponent) {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(43);
        Histogram histogram = new Histogram();
        double power = Double.parseDouble("1e" + exponent);
        for (int i = 0; i < 100_000; i++) {
            histogram.add((random.nextBoolean() ? 1 : -1) * power * (1 + 8.99 * random.nextDouble()));
        }
        assertThat(histogram.counts()).hasSizeBetween(1790, 1800);
        assertThat(histogram.total()).isEqualTo(100_000);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, 0",
        "1e-301, 0",
        "-4.9e-324, 0",
        "100.5, 100",
        "101.5, 102",
        "999.6, 1000",
        "-0.0012345, -0.00123",
        "1.7976931348623157e308, 1.7976931348623157e308",
        "-1.797e308, -1.7976931348623157e308"
    })
    void the_ends_of_the_range(double value, double expected) {
        assertThat(Histogram.rounded(value)).isEqualTo(expected);
    }

    @Test
    void quantiles_are_those_of_the_sorted_list_to_half_a_percent() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(44);
        for (int size : new int[] {1, 2, 3, 10, 100, 999, 20_000}) {
            double[] values = new double[size];
            Histogram histogram = new Histogram();
            for (int i = 0; i < size; i++) {
                values[i] =
                        random.nextInt(10) == 0 ? 0 : (random.nextDouble() - 0.3) * Math.exp(12 * random.nextDouble());
                histogram.add(values[i]);
            }
            Arrays.sort(values);
            for (int percent = 0; percent <= 100; percent++) {
                double expected = values[Math.max(1, (percent * size + 99) / 100) - 1];
                assertThat(histogram.quantile(percent / 100.0).orElseThrow())
                        .as("%s %% of %s", percent, size)
                        .isCloseTo(expected, within(0.00501 * Math.abs(expected)));
            }
        }
    }

    @Test
    void what_was_counted_is_gone_on_from() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(45);
        Histogram whole = new Histogram();
        Histogram part = new Histogram();
        for (int i = 0; i < 5000; i++) {
            double value = (random.nextDouble() - 0.5) * Math.exp(100 * random.nextDouble());
            whole.add(value);
            part.add(value);
            if (i % 1000 == 500) {
                part = new Histogram(part.counts());
            }
        }
        assertThat(part.counts()).isEqualTo(whole.counts());
        assertThat(part.total()).isEqualTo(5000);
        assertThat(part.quantile(0.99)).isEqualTo(whole.quantile(0.99));
    }

    @Test
    void counts_given_are_rounded_as_values_are() {
        Histogram histogram = new Histogram(Map.of(-0.0, 2L, 1.2345, 3L, 1.2346, 4L, 7.0, 0L));
        assertThat(histogram.total()).isEqualTo(9);
        assertThat(histogram.quantile(0)).hasValue(0);
        assertThat(histogram.quantile(1)).hasValue(1.23);
        histogram.add(0);
        assertThat(histogram.toValueCounts().counts()[0]).isEqualTo(3);
    }

    @Test
    void for_a_rank_test_the_values_ascend() {
        Histogram histogram = new Histogram();
        for (double value : new double[] {3, -2, 3.001, 0, -0.0, 1e6, -2}) {
            histogram.add(value);
        }
        assertThat(histogram.toValueCounts())
                .isEqualTo(new ValueCounts(new double[] {-2, 0, 3, 1e6}, new long[] {2, 2, 2, 1}));
    }

    @Test
    void counts_are_a_copy() {
        Histogram histogram = new Histogram();
        histogram.add(1);
        histogram.counts().clear();
        assertThat(histogram.counts()).hasSize(1);
    }

    @Test
    void without_values_there_is_no_quantile() {
        assertThat(new Histogram().quantile(0.5)).isEmpty();
        assertThat(new Histogram().toValueCounts().total()).isZero();
    }

    @Test
    void values_out_of_range_are_named() {
        Histogram histogram = new Histogram();
        assertThatThrownBy(() -> histogram.add(Double.NaN)).hasMessageContaining("value");
        assertThatThrownBy(() -> histogram.add(Double.NEGATIVE_INFINITY)).hasMessageContaining("value");
        assertThatThrownBy(() -> histogram.quantile(1.1)).hasMessageContaining("share");
        assertThatThrownBy(() -> new Histogram(Map.of(1.0, -1L))).hasMessageContaining("count of 1.0");
        assertThatThrownBy(() -> new Histogram(Map.of(Double.NaN, 1L))).hasMessageContaining("value");
        assertThat(histogram.total()).isZero();
    }
}
