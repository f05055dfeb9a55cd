package dev.bandit.core.posterior;

/** How fast rewards of 0 and 1 at one rate tell that the rate is not another one. */
public final class BernoulliDivergence {
    private BernoulliDivergence() {}

    /**
     * {@code KL(p, q) = p log(p / q) + (1 - p) log((1 - p) / (1 - q))}, without cancellation for rates that are close.
     *
     * @param p in [0, 1]
     * @param q in [0, 1]
     * @return not negative; infinite if q is 0 or 1 and p is not
     * @throws IllegalArgumentException if a rate is outside [0, 1]
     */
    public static double of(double p, double q) {
        if (!(p >= 0 && p <= 1 && q >= 0 && q <= 1)) {
            throw new IllegalArgumentException("Rates must be in [0, 1], but are " + p + " and " + q);
        }
        if (p == q) {
            return 0;
        }
        if (p == 0 || p == 1) {
            return p == 0 ? -Math.log1p(-q) : -Math.log(q);
        }
        return q == 0 || q == 1
                ? Double.POSITIVE_INFINITY
                : -LogitBeta.drop(p, 1 - p, q, 1 - q, Math.log(q), Math.log1p(-q));
    }
}
