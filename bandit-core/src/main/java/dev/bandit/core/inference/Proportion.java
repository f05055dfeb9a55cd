package dev.bandit.core.inference;

import dev.bandit.core.numeric.Require;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an arm has earned. Fractional rewards in [0, 1] count as that fraction of a success; the intervals below, which take the
 * variance of a coin, are then too wide rather than too narrow.
 *
 * @param successes in [0, trials]
 * @param trials not negative
 */
public record Proportion(double successes, long trials) {
    /**
     * @throws IllegalArgumentException if trials is negative or successes is outside [0, trials]
     */
    public Proportion {
        Require.count("trials", trials);
        if (!(successes >= 0 && successes <= trials)) {
            throw new IllegalArgumentException(
                    "successes must be in [0, trials], but are " + successes + " of " + trials);
        }
    }

    public double failures() {
        return trials - successes;
    }

    /** Successes a trial; undefined without trials. */
    public OptionalDouble rate() {
        return trials == 0 ? OptionalDouble.empty() : OptionalDouble.of(successes / trials);
    }

    /**
     * The score interval of E. B. Wilson, <i>Probable inference</i> (1927), no continuity correction; undefined without trials.
     *
     * @param level in (0, 1), for example 0.95
     * @throws IllegalArgumentException if the level is outside (0, 1)
     */
    public Optional<Interval> wilson(double level) {
        double z = Normal.halfWidth(level);
        return trials == 0 ? Optional.empty() : Optional.of(wilsonAt(z));
    }

    private Interval wilsonAt(double z) {
        double square = z * z;
        double n = trials;
        double root = z * Math.sqrt(successes * (failures() / n) + square / 4);
        double upper = successes == n ? 1 : Math.min(1, (successes + square / 2 + root) / (n + square));
        // The product of the roots is known: the smaller one without cancellation.
        double lower = successes * (successes / n) / (successes + square / 2 + root);
        return new Interval(Math.min(lower, upper), upper);
    }
}
