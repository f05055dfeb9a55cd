package dev.bandit.core.bench;

import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;

/** Arms as they are met in the benchmarks: rates of 2 to 10 %, 100 to 2,100 trials each. The same for every run. */
record BenchmarkArms(double[] alpha, double[] beta) {
    static BenchmarkArms of(int arms) {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(1);
        double[] alpha = new double[arms];
        double[] beta = new double[arms];
        for (int k = 0; k < arms; k++) {
            int trials = 100 + random.nextInt(2001);
            long successes = Math.round(trials * random.nextDouble(0.02, 0.1));
            alpha[k] = 1.0 + successes;
            beta[k] = 1.0 + trials - successes;
        }
        return new BenchmarkArms(alpha, beta);
    }

    /** Between 1 and 10 million trials each, so that widths differ a thousandfold, at rates of 5 to 7 %. */
    static BenchmarkArms mixed(int arms) {
        UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(1);
        double[] alpha = new double[arms];
        double[] beta = new double[arms];
        for (int k = 0; k < arms; k++) {
            double trials = Math.exp(random.nextDouble(0, Math.log(1e7)));
            double rate = random.nextDouble(0.05, 0.07);
            alpha[k] = 1 + trials * rate;
            beta[k] = 1 + trials * (1 - rate);
        }
        return new BenchmarkArms(alpha, beta);
    }
}
