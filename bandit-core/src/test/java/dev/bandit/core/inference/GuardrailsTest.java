package dev.bandit.core.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class GuardrailsTest {
    private static final Reference MEANS = Reference.named("guardrail-means");
    private static final Reference RATES = Reference.named("guardrail-rates");
    private static final Reference HOLM = Reference.named("holm");

    @Test
    void means_match() {
        for (int row = 0; row < MEANS.size(); row++) {
            Moments control = MEANS.moments(row, "0");
            Moments treatment = MEANS.moments(row, "1");
            Optional<NonInferiority> test = NonInferiority.ofMeans(control, treatment, MEANS.number(row, "margin"));
            check(MEANS, row, test);
            OptionalDouble bound = NonInferiority.largestRegression(control, treatment, 0.05);
            assertThat(bound.isEmpty()).as("row %s", row).isEqualTo(MEANS.isUndefined(row, "bound"));
            int at = row;
            bound.ifPresent(value -> MEANS.check(at, "bound", value, 1e-9, 1e-11));
        }
    }

    @Test
    void rates_match() {
        for (int row = 0; row < RATES.size(); row++) {
            check(
                    RATES,
                    row,
                    NonInferiority.ofRates(
                            RATES.proportion(row, "0"), RATES.proportion(row, "1"), RATES.number(row, "margin")));
        }
    }

    private static void check(Reference reference, int row, Optional<NonInferiority> test) {
        assertThat(test.isEmpty()).as("row %s", row).isEqualTo(reference.isUndefined(row, "statistic"));
        if (test.isPresent()) {
            reference.check(row, "statistic", test.get().statistic(), 1e-9, 1e-9);
            if (!reference.isUndefined(row, "p")) {
                reference.check(row, "p", test.get().pValue(), 1e-9);
                reference.check(row, "violation", test.get().pValueOfViolation(), 1e-9);
            }
        }
    }

    @Test
    void a_margin_of_0_for_rates_is_the_pooled_z_test() {
        Proportion control = new Proportion(40, 300);
        Proportion treatment = new Proportion(60, 350);
        double z = new TwoProportions(control, treatment).z().orElseThrow();
        assertThat(NonInferiority.ofRates(control, treatment, 0).orElseThrow().statistic())
                .isCloseTo(z, org.assertj.core.api.Assertions.within(1e-12));
    }

    @Test
    void the_largest_regression_is_the_margin_that_just_passes() {
        Moments control = Moments.of(400, 120, 900);
        Moments treatment = Moments.of(380, 131, 1100);
        double bound =
                NonInferiority.largestRegression(control, treatment, 0.05).orElseThrow();
        assertThat(pValue(control, treatment, bound + 1e-9)).isLessThan(0.05);
        assertThat(pValue(control, treatment, bound - 1e-9)).isGreaterThan(0.05);
    }

    private static double pValue(Moments control, Moments treatment, double margin) {
        return NonInferiority.ofMeans(control, treatment, margin).orElseThrow().pValue();
    }

    @Test
    void too_little_data_is_undefined() {
        Moments one = new Moments(1, 3, 0);
        Moments some = Moments.of(5, 3, 1);
        assertThat(NonInferiority.ofMeans(one, some, 0.1)).isEmpty();
        assertThat(NonInferiority.largestRegression(one, some, 0.05)).isEmpty();
        assertThat(NonInferiority.largestRegression(Moments.of(5, 0, 1), some, 0.05))
                .isEmpty();
        assertThat(NonInferiority.ofRates(new Proportion(0, 0), new Proportion(1, 2), 0.1))
                .isEmpty();
        assertThat(NonInferiority.ofRates(new Proportion(0, 9), new Proportion(0, 9), 0))
                .isEmpty();
    }

    @Test
    void holm_matches() {
        for (int row = 0; row < HOLM.size(); row++) {
            double[] adjusted = Holm.adjusted(HOLM.numbers(row, "p"));
            assertThat(adjusted)
                    .containsExactly(HOLM.numbers(row, "adjusted"), org.assertj.core.data.Offset.offset(1e-12));
        }
        assertThat(Holm.adjusted()).isEmpty();
    }

    @Test
    void values_out_of_range_are_named() {
        Moments some = Moments.of(5, 3, 1);
        Proportion arm = new Proportion(1, 2);
        assertThatThrownBy(() -> Holm.adjusted(0.1, 1.1)).hasMessageContaining("pValues[1]");
        assertThatThrownBy(() -> Holm.adjusted(Double.NaN)).hasMessageContaining("pValues[0]");
        assertThatThrownBy(() -> NonInferiority.ofMeans(some, some, -0.1)).hasMessageContaining("margin");
        assertThatThrownBy(() -> NonInferiority.ofRates(arm, arm, 1)).hasMessageContaining("margin");
        assertThatThrownBy(() -> NonInferiority.largestRegression(some, some, 0.6))
                .hasMessageContaining("alpha");
    }
}
