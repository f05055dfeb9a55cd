package dev.bandit.core.posterior;

/** From log-odds {@code u = log(x / (1 - x))} to the rate x; no argument overflows. The rate 1 - x is that of -u. */
final class LogOdds {
    private LogOdds() {}

    static double rate(double u) {
        double e = Math.exp(-Math.abs(u));
        return (u > 0 ? 1 : e) / (1 + e);
    }

    /** log x. */
    static double logRate(double u) {
        return Math.min(u, 0) - Math.log1p(Math.exp(-Math.abs(u)));
    }
}
