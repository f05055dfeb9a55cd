package dev.bandit.core.sampling;

import org.apache.commons.rng.UniformRandomProvider;

/**
 * Draws how many of n trials succeed, in a time that does not grow with n, so that a batch of decisions costs as much as one.
 *
 * <p>Means below 10 by summing the geometric gaps between successes; others by transformed rejection, algorithm BTRS of W.
 * H&ouml;rmann, <i>The generation of binomial random variates</i> (1993), whose symbols are used here.
 *
 * <p>Not thread-safe, as the generator is not. A change of what a seed yields is announced in the release notes.
 */
public final class BinomialSampler {
    private static final double REJECTION_FROM = 10;
    private static final double[] STIRLING = {
        0.0810614667953272,
        0.0413406959554092,
        0.0276779256849983,
        0.0207906721037650,
        0.0166446911898211,
        0.0138761288230707,
        0.0118967099458917,
        0.0104112652619720,
        0.00925546218271273,
        0.00833056343336287
    };

    private final UniformRandomProvider random;

    private BinomialSampler(UniformRandomProvider random) {
        this.random = random;
    }

    /** A sampler that takes its randomness from {@code random} alone. */
    public static BinomialSampler of(UniformRandomProvider random) {
        return new BinomialSampler(random);
    }

    /**
     * One draw from Binomial(n, p).
     *
     * @param n not negative
     * @param p in [0, 1]
     * @return from 0 to n
     * @throws IllegalArgumentException if n is negative or p outside [0, 1]
     */
    public long sample(long n, double p) {
        if (!(n >= 0 && p >= 0 && p <= 1)) {
            throw new IllegalArgumentException(
                    "n must not be negative and p in [0, 1], but they are " + n + " and " + p);
        }
        if (p > 0.5) {
            return n - lower(n, 1 - p);
        }
        return lower(n, p);
    }

    /**
     * One draw from the multinomial distribution: how many of n go to each place.
     *
     * @param n not negative
     * @param probabilities of sum 1
     * @param into receives the counts, as long as the probabilities
     */
    public void multinomial(long n, double[] probabilities, long[] into) {
        long left = n;
        double mass = 1;
        for (int k = 0; k < probabilities.length - 1; k++) {
            into[k] = left == 0 || mass <= 0 ? 0 : sample(left, Math.clamp(probabilities[k] / mass, 0, 1));
            left -= into[k];
            mass -= probabilities[k];
        }
        into[probabilities.length - 1] = left;
    }

    /** For p up to 1/2. */
    private long lower(long n, double p) {
        if (n == 0 || p == 0) {
            return 0;
        }
        if (n == 1) {
            return random.nextDouble() < p ? 1 : 0;
        }
        return n * p < REJECTION_FROM ? byGaps(n, p) : byRejection(n, p);
    }

    private long byGaps(long n, double p) {
        double logQ = Math.log1p(-p);
        double at = 0;
        for (long count = 0; ; count++) {
            at += Math.floor(Math.log1p(-random.nextDouble()) / logQ) + 1;
            if (at > n) {
                return count;
            }
        }
    }

    private long byRejection(long n, double p) {
        double r = p / (1 - p);
        double spq = Math.sqrt(n * p * (1 - p));
        double b = 1.15 + 2.53 * spq;
        double a = -0.0873 + 0.0248 * b + 0.01 * p;
        double c = n * p + 0.5;
        double vr = 0.92 - 4.2 / b;
        double alpha = (2.83 + 5.1 / b) * spq;
        double m = Math.floor((n + 1) * p);
        while (true) {
            double u = random.nextDouble() - 0.5;
            double v = random.nextDouble();
            double us = 0.5 - Math.abs(u);
            double k = Math.floor((2 * a / us + b) * u + c);
            if (us >= 0.07 && v <= vr) {
                return (long) k;
            }
            if (k >= 0 && k <= n) {
                double bound = (m + 0.5) * Math.log((m + 1) / (r * (n - m + 1)))
                        + (n + 1) * Math.log((n - m + 1) / (n - k + 1))
                        + (k + 0.5) * Math.log(r * (n - k + 1) / (k + 1))
                        + stirling(m)
                        + stirling(n - m)
                        - stirling(k)
                        - stirling(n - k);
                if (Math.log(v * alpha / (a / (us * us) + b)) <= bound) {
                    return (long) k;
                }
            }
        }
    }

    /** log k! less Stirling's approximation of it. */
    private static double stirling(double k) {
        if (k < STIRLING.length) {
            return STIRLING[(int) k];
        }
        double square = (k + 1) * (k + 1);
        return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
    }
}
