package dev.bandit.core.bench;

import dev.bandit.core.policy.ArmDistribution;
import dev.bandit.core.policy.Thompson;
import dev.bandit.core.posterior.BestArm;
import java.util.concurrent.TimeUnit;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.simple.RandomSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one decision costs: a draw from the posteriors, or one from probabilities already computed. {@code bench/core-math.sh}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DrawBenchmark {
    @Param({"10", "1000"})
    int arms;

    private double[] alpha = {};
    private double[] beta = {};
    private ArmDistribution distribution = ArmDistribution.of(1);
    private UniformRandomProvider random = RandomSource.XO_SHI_RO_256_PP.create(2);

    @Setup
    public void setUp() {
        BenchmarkArms given = BenchmarkArms.of(arms);
        alpha = given.alpha();
        beta = given.beta();
        distribution =
                ArmDistribution.of(BestArm.probabilities(alpha, beta)).withFloor(0.1 / arms);
        random = RandomSource.XO_SHI_RO_256_PP.create(2);
    }

    @Benchmark
    public int thompson() {
        return Thompson.draw(random, alpha, beta);
    }

    @Benchmark
    public int distribution() {
        return distribution.draw(random.nextDouble());
    }
}
