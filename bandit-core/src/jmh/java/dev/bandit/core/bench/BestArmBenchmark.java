package dev.bandit.core.bench;

import dev.bandit.core.posterior.BestArm;
import java.util.concurrent.TimeUnit;
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

/** What one posterior version costs: P(arm is best) of all arms. Run by {@code bench/core-math.sh}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BestArmBenchmark {
    @Param({"2", "10", "100", "1000", "10000"})
    int arms;

    private BenchmarkArms alike = BenchmarkArms.of(1);
    private BenchmarkArms mixed = BenchmarkArms.of(1);

    @Setup
    public void setUp() {
        alike = BenchmarkArms.of(arms);
        mixed = BenchmarkArms.mixed(arms);
    }

    @Benchmark
    public double[] alike() {
        return BestArm.probabilities(alike.alpha(), alike.beta());
    }

    @Benchmark
    public double[] mixed() {
        return BestArm.probabilities(mixed.alpha(), mixed.beta());
    }
}
