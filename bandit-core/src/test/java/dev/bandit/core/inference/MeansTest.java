package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MeansTest {
    private static final Reference REFERENCE = Reference.named("welch");

    @Nested
    class Welch {
        @Test
        void matches() {
            for (int row = 0; row < REFERENCE.size(); row++) {
                Optional<WelchTest> test = WelchTest.of(REFERENCE.moments(row, "0"), REFERENCE.moments(row, "1"));
                assertThat(test.isEmpty()).as("row %s", row).isEqualTo(REFERENCE.isUndefined(row, "df"));
                int at = row;
                test.ifPresent(t -> check(at, t));
            }
        }

        private void check(int row, WelchTest test) {
            REFERENCE.check(row, "df", test.degreesOfFreedom(), 1e-12);
            REFERENCE.check(row, "t", test.statistic(), 1e-10, 1e-9);
            if (!REFERENCE.isUndefined(row, "two_sided")) {
                REFERENCE.check(row, "two_sided", test.pValueTwoSided(), 1e-9);
                REFERENCE.check(row, "greater", test.pValueGreater(), 1e-9);
            }
            Interval interval = test.interval(REFERENCE.number(row, "level"));
            double rounding = 1e-10 * test.standardError();
            REFERENCE.check(row, "lower", interval.lower(), 1e-10, rounding);
            REFERENCE.check(row, "upper", interval.upper(), 1e-10, rounding);
        }

        @Test
        void p_values_join_where_the_method_changes() {
            for (double t : new double[] {-3, 1e-9, 0.1, 1, 4, 12, 25}) {
                assertThat(StudentT.upperTail(t, 100_001) / StudentT.upperTail(t, 99_999))
                        .isCloseTo(1, within(1e-5 * (1 + Math.pow(t, 4)) / 1e4));
            }
            for (double tail : new double[] {1e-12, 1e-3, 0.025, 0.4}) {
                for (double df : new double[] {0.5, 3, 99_999, 100_001, 1e9}) {
                    assertThat(StudentT.upperTail(StudentT.critical(tail, df), df))
                            .as("tail %s, df %s", tail, df)
                            .isCloseTo(tail, within(1e-9 * tail));
                }
            }
        }

        @Test
        void one_observation_or_no_spread_is_undefined() {
            Moments one = new Moments(1, 3, 0);
            Moments constant = new Moments(5, 3, 0);
            Moments spread = Moments.of(5, 3, 2);
            assertThat(WelchTest.of(one, spread)).isEmpty();
            assertThat(WelchTest.of(Moments.EMPTY, spread)).isEmpty();
            assertThat(WelchTest.of(constant, constant)).isEmpty();
            assertThat(WelchTest.of(constant, spread).orElseThrow().degreesOfFreedom())
                    .isEqualTo(4);
        }
    }

    @Nested
    class Accumulation {
        private final UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(7);

        /** SciPy: t.interval(0.95, 4, 3, sem([1, 2, 3, 4, 5])). */
        @Test
        void the_interval_of_a_mean_is_student_s() {
            Interval interval = Moments.of(5, 3, 2.5).meanInterval(0.95).orElseThrow();
            assertThat(interval.lower()).isCloseTo(1.0367568385224393, within(1e-12));
            assertThat(interval.upper()).isCloseTo(4.9632431614775606, within(1e-12));
            assertThat(new Moments(5, 3, 0).meanInterval(0.95)).hasValue(new Interval(3, 3));
            assertThat(new Moments(1, 3, 0).meanInterval(0.95)).isEmpty();
            assertThat(new Moments(1, 3, 0).standardError()).isEmpty();
        }

        @Test
        void any_partition_gives_the_same_moments_to_1e_12() {
            for (int round = 0; round < 200; round++) {
                double offset = Math.pow(10, random.nextDouble(-3, 3));
                Moments.Accumulator whole = new Moments.Accumulator();
                Moments.Accumulator merged = new Moments.Accumulator();
                Moments.Accumulator part = new Moments.Accumulator();
                int n = random.nextInt(2, 400);
                for (int i = 0; i < n; i++) {
                    double value = offset + random.nextDouble();
                    whole.add(value);
                    part.add(value);
                    if (random.nextInt(10) == 0) {
                        merged.merge(part.moments());
                        part = new Moments.Accumulator();
                    }
                }
                merged.merge(part.moments());
                assertThat(merged.moments().n()).isEqualTo(n);
                assertThat(merged.moments().mean()).isCloseTo(whole.moments().mean(), within(1e-12 * offset + 1e-12));
                assertThat(merged.moments().squares())
                        .isCloseTo(whole.moments().squares(), within(1e-12 * (1 + offset) * n));
            }
        }

        @Test
        void spread_survives_a_large_mean() {
            Moments.Accumulator accumulator = new Moments.Accumulator();
            for (double value : new double[] {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) {
                accumulator.add(value);
            }
            assertThat(accumulator.moments().variance()).hasValue(30);
        }

        @Test
        void a_single_value_has_a_mean_and_no_variance() {
            Moments.Accumulator accumulator = new Moments.Accumulator();
            assertThat(accumulator.moments()).isEqualTo(Moments.EMPTY);
            accumulator.add(3);
            assertThat(accumulator.moments()).isEqualTo(new Moments(1, 3, 0));
            assertThat(accumulator.moments().variance()).isEmpty();
        }

        @Test
        void values_out_of_range_are_named() {
            assertThatThrownBy(() -> new Moments.Accumulator().add(Double.NaN)).hasMessageContaining("value");
            assertThatThrownBy(() -> new Moments(-1, 0, 0)).hasMessageContaining("n must");
            assertThatThrownBy(() -> new Moments(1, 0, 2)).hasMessageContaining("squares");
            assertThatThrownBy(() -> Moments.of(1, 0, 2)).hasMessageContaining("at least 2");
            assertThatThrownBy(() -> Moments.of(2, 0, -1)).hasMessageContaining("variance");
        }
    }
}
