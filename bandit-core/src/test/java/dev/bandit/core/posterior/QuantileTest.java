package dev.bandit.core.posterior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.bandit.core.ReferenceTable;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.junit.jupiter.api.Test;

/** Quantiles wherever parameters may lie: an arm with many rewards and few failures, or the reverse, included. */
class QuantileTest {
    private static final double[] PROBABILITIES = {1e-6, 0.025, 0.5, 0.975, 1 - 1e-6};

    @Test
    void both_ends_of_the_scale_match_the_reference() {
        ReferenceTable reference = ReferenceTable.named("quantile");
        assertThat(reference.size()).isGreaterThanOrEqualTo(200);
        for (int row = 0; row < reference.size(); row++) {
            double a = reference.number(row, "alpha");
            double b = reference.number(row, "beta");
            double p = reference.number(row, "probability");
            BetaPosterior posterior = new BetaPosterior(a, b);
            check(reference, row, "quantile", posterior, posterior.quantile(p));
            check(reference, row, "complement", new BetaPosterior(b, a), LowerTailQuantile.complement(a, b, p));
        }
    }

    /** To 1e-11 of the value, or as far off as probabilities are: 5e-15. */
    private static void check(
            ReferenceTable reference, int row, String column, BetaPosterior posterior, double actual) {
        double expected = reference.number(row, column);
        assertThat(actual)
                .as("%s of %s", column, String.join(",", reference.rows().get(row)))
                .isCloseTo(expected, within(1e-11 * expected + 5e-15 / posterior.pdf(expected)));
    }

    @Test
    void a_large_alpha_beside_a_small_beta_has_an_interval() {
        CredibleInterval interval = new BetaPosterior(6.122286837506382E8, 818.806434).credibleInterval(0.95);
        assertThat(interval.lower()).isCloseTo(1 - 1.430560627244997e-6, within(2.3e-16));
        assertThat(interval.upper()).isCloseTo(1 - 1.2473681487381912e-6, within(2.3e-16));
    }

    @Test
    void every_pair_of_a_grid_converges_and_is_undone_by_the_cdf() {
        double[] grid = {
            1e-6, 1e-4, 0.01, 0.5, 1, 1.5, 2, 3, 10, 100.5, 818.806434, 1e4, 1e5 + 1, 1e6, 1e7, 1e8 + 0.5, 1e9, 1e10
        };
        for (double alpha : grid) {
            for (double beta : grid) {
                checkAll(alpha, beta);
            }
        }
    }

    @Test
    void random_parameters_of_any_size_converge_and_are_undone_by_the_cdf() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(31);
        for (int i = 0; i < 2000; i++) {
            checkAll(logUniform(random, 1e-6, 1e10), logUniform(random, 1e-6, 1e10));
        }
    }

    @Test
    void counts_with_a_prior_converge_and_are_undone_by_the_cdf() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(32);
        double[] priors = {0.5, 1, 2, 3.7};
        for (int i = 0; i < 500; i++) {
            double prior = priors[random.nextInt(priors.length)];
            double many = Math.rint(logUniform(random, 1, 1e10));
            double few = Math.floor(logUniform(random, 0.5, 1e4));
            checkAll(many + prior, few + prior);
            checkAll(few + prior, many + prior);
        }
    }

    @Test
    void beyond_what_is_ever_counted_they_still_converge() {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(33);
        for (int i = 0; i < 200; i++) {
            BetaPosterior posterior = new BetaPosterior(logUniform(random, 1, 1e16), logUniform(random, 1, 1e16));
            CredibleInterval interval = posterior.credibleInterval(0.95);
            assertThat(posterior.mean()).as("%s", posterior).isBetween(interval.lower(), interval.upper());
        }
    }

    private static double logUniform(UniformRandomProvider random, double low, double high) {
        return low * Math.exp(random.nextDouble() * Math.log(high / low));
    }

    /** The probability must lie between those of the rates next to the quantile, up to the error of the cdf itself. */
    private static void checkAll(double alpha, double beta) {
        BetaPosterior posterior = new BetaPosterior(alpha, beta);
        double last = 0;
        for (double p : PROBABILITIES) {
            double x = posterior.quantile(p);
            assertThat(x).isBetween(last, 1.0);
            double below = posterior.cdf(x - 2 * Math.ulp(x));
            double above = posterior.cdf(x + 2 * Math.ulp(x));
            double error = 1e-10 * Math.min(p, 1 - p) + 1e-14;
            assertThat(p).as("%s at %s", posterior, p).isBetween(below - error, above + error);
            last = x;
        }
    }
}
